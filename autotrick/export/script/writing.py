"""Write a program as one file: what the recipe decides, around the functions of the parts."""

from __future__ import annotations

from collections.abc import Iterable

from autotrick.export.script.library import import_lines, library, names_in, needed
from autotrick.export.script.program import Program

WIDTH = 100
"""Characters of a line, at most."""

_TYPES = {
    "model": "nn.Module",
    "data": "Data",
    "images": "Tensor",
    "targets": "Tensor",
    "samples": "Array",
    "update": "int",
    "updates": "int",
    "epoch": "int",
}
"""The names of the loop that functions take, in order."""


def call(head: str, arguments: Iterable[str], *, depth: int = 0, tail: str = "") -> str:
    """Return a call or the head of a function as a formatter writes it.

    Args:
        head: What stands before the bracket.
        arguments: What stands in it.
        depth: Levels that the text will be indented by.
        tail: What stands after the bracket.
    """
    arguments = list(arguments)
    room, inner = WIDTH - 4 * depth, ", ".join(arguments)
    if len(head) + len(inner) + len(tail) + 2 <= room:
        return f"{head}({inner}){tail}"
    if len(inner) + 4 <= room:
        return f"{head}(\n    {inner}\n){tail}"
    return f"{head}(\n" + "".join(f"    {part},\n" for part in arguments) + f"){tail}"


def indented(lines: Iterable[str], depth: int = 1) -> list[str]:
    """Return lines, some of which hold several, at a depth."""
    parts = [part for line in lines for part in line.split("\n")]
    return [f"{'    ' * depth}{part}" if part else "" for part in parts]


def text_of(program: Program, doc: str) -> str:
    """Return the text of the file.

    Args:
        doc: Its docstring, without quotes.
    """
    own = [*_visits(program), _build(program), _batch(program), *_rate(program)]
    own += [_gradients(program)] if program.apart else []
    own.append(_main(program))
    texts = {**_changed(program), **program.texts, **_tables(program)}
    taken = needed(own, texts | program.constants)
    definitions = {name: d.text for name, d in library().definitions.items()}
    tables = _tables(program)
    # A table holds functions that stand anywhere in the parts.
    names = [*(name for name in definitions if name not in tables), *tables]
    bodies = [
        texts.get(name, definitions.get(name, ""))
        for name in names
        if name in taken and name not in program.constants
    ]
    constants = "\n".join(f"{n} = {value}" for n, value in program.constants.items() if n in taken)
    body = f"{constants}\n{_joined([*bodies, *own])}\n"
    imports = import_lines(names_in(body))
    return f'"""{doc}"""\n\n{imports}\n\n{body}\nif __name__ == "__main__":\n    main()\n'


def _joined(parts: list[str]) -> str:
    """Join definitions with a blank line between them, and constants without."""
    text, before = "", False
    for i, part in enumerate(parts):
        block = part.startswith(("def ", "class ", "@"))
        text += ("\n\n" if block or before else "\n") if i else ""
        text += part
        before = block
    return text


def _changed(program: Program) -> dict[str, str]:
    """Return the definitions of the parts in which something is replaced."""
    found = {}
    for name, definition in library().definitions.items():
        text = definition.text
        for old, new in program.replacements.items():
            text = text.replace(old, new)
        if text != definition.text:
            found[name] = text
    return found


def _tables(program: Program) -> dict[str, str]:
    """Return the tables of policy operations."""
    made = {}
    if program.operations:
        title = (
            "# Function, magnitude at strength 0, what strength 1 adds, whether the sign is drawn."
        )
        lines = [_entry(name, *parts) for name, parts in program.operations.items()]
        made["OPERATIONS"] = "\n".join([title, "OPERATIONS = {", *lines, "}"])
    return made


def _entry(name: str, function: str, numbers: str) -> str:
    """Return the entry of an operation in one line, or in as few as it fits in."""
    plain = f'    "{name}": ({function}, {numbers}),'
    if len(plain) <= WIDTH:
        return plain
    return "\n".join(
        [f'    "{name}": (', f"        {function},", f"        *({numbers}),", "    ),"]
    )


def _used(lines: Iterable[str], *, without: Iterable[str] = ()) -> list[str]:
    """Return the names of the loop that lines use."""
    used = names_in(lines).difference(without)
    return [name for name in _TYPES if name in used]


def _function(
    name: str,
    lines: list[str],
    made: Iterable[str],
    result: str,
    doc: str,
    more: Iterable[str] = (),
) -> str:
    """Return a function of the names of the loop that its lines use, but for those that it makes."""
    parameters = [f"{n}: {_TYPES[n]}" for n in _used(lines, without=made)]
    parameters += [f"{n}: Tensor" for n in more]
    head = call(f"def {name}", parameters, tail=f" -> {result}:")
    return "\n".join([head, f'    """{doc}"""', *indented(lines)])


_ORDER = 'generator("order", {}).permutation(len(data.labels))'


def _visits(program: Program) -> list[str]:
    """Return the function for the images of an epoch, where they are not all."""
    if not program.order:
        return []
    *before, last = program.order
    last = last.replace("order = ", "return ", 1)
    lines = [f"order = {_ORDER.format('epoch')}", *before, last]
    return [_function("visits", lines, (), "Array", "Return the images that an epoch sees.")]


def _build(program: Program) -> str:
    sized = {"height", "width"} & names_in(program.build)
    shape = "height, width, channels = data.images.shape[1:]"
    if program.cropped:
        shape = f"height, width, channels = {program.shape}"
    lines = [
        shape if sized else "channels = data.images.shape[3]",
        'torch.manual_seed(torch_seed("weights", seed=torch_seed("initial weights")))',
        *program.build,
        "return model.to(memory_format=LAYOUT)",
    ]
    doc = "Return the network with its initial weights."
    return _function("build", lines, ("model",), "nn.Module", doc)


def _batch_lines(program: Program) -> list[str]:
    rows = "rows" if program.copies else "samples"
    first = ["rows = samples % len(data.labels)"] if program.copies else []
    return [
        *first,
        f"images = data.images[{rows}]",
        *program.pixels,
        "images = normalised(images, data)",
        *program.tensor,
        f"targets = F.one_hot(torch.from_numpy(data.labels[{rows}]), data.classes).float()",
        *program.mix,
        *program.target,
        "return images, targets",
    ]


def _batch(program: Program) -> str:
    doc = "Return images (N, C, H, W) as the network sees them, and targets (N, K)."
    lines = _batch_lines(program)
    return _function("make_batch", lines, ("images", "targets"), "tuple[Tensor, Tensor]", doc)


def _product(program: Program) -> str:
    """Return the factors of the schedules as one expression."""
    product = " * ".join(program.rates)
    return product if program.warmup else product.replace("(done", "(update / updates")


def _rate(program: Program) -> list[str]:
    """Return the function for the schedules, if there are some."""
    if not program.rates:
        return []
    used = names_in(" * ".join(program.rates))
    warmup = " + ".join(program.warmup)
    lines = [f"warmup = {warmup or '0'}"] if warmup or "warmup" in used else []
    if "done" in used and lines:
        lines.append("done = max(0, update - warmup) / max(1, updates - warmup)")
    product = _product(program)
    doc = "Return an update's learning rate as a share of its peak."
    lines.append(f"return {product}")
    if len(lines) == 1:
        return []
    return [_function("rate", lines, (), "float", doc)]


def _forward(program: Program) -> list[str]:
    """Return the lines from a batch to its gradients."""
    lines = ['torch.manual_seed(torch_seed("forward", update))'] if program.draws else []
    if program.recipe.precision == "bf16":
        lines.append('with torch.autocast("cpu", dtype=torch.bfloat16):')
        lines.append("    logits = model(images).float()")
    else:
        lines.append("logits = model(images)")
    return [*lines, "loss = F.cross_entropy(logits, targets)", *program.loss, "loss.backward()"]


def _more(program: Program) -> list[str]:
    """Return the names that the loss needs besides those of the loop."""
    return ["class_weights"] if "class_weights" in names_in(program.loss) else []


def _gradients(program: Program) -> str:
    lines = [*_forward(program), "return loss.detach(), logits.detach()"]
    doc = "Set the gradients of the loss; return it, and the logits."
    return _function("gradients", lines, (), "tuple[Tensor, Tensor]", doc, _more(program))


def _rate_lines(program: Program) -> list[str]:
    whole = ["rate(update, updates)"] if _rate(program) else [_product(program)]
    factors = whole if program.rates else []
    factors += program.factors
    product = " * ".join(factors)
    if program.scaled:
        lines = [f"set_rate(optimizer, {product or '1.0'})"]
    elif factors:
        lines = ["for group in optimizer.param_groups:"]
        lines.append(f'    group["lr"] = RATE * {product if len(factors) == 1 else f"({product})"}')
    else:
        lines = []
    return lines


def _update(program: Program) -> list[str]:
    """Return the lines of one update."""
    batch = ", ".join(_used(_batch_lines(program), without=("images", "targets")))
    forward = _forward(program)
    if program.apart:
        given = ", ".join(_used(forward, without=_more(program)))
        more = "".join(f", {name}" for name in _more(program))
        forward = [f"loss, logits = gradients({given}{more})"]
    return [
        "samples = order[start : start + BATCH_SIZE]",
        *_rate_lines(program),
        *program.before,
        f"images, targets = make_batch({batch})",
        "optimizer.zero_grad(set_to_none=True)",
        *forward,
        *(line.replace("AGAIN", forward[0]) for line in program.gradient),
        "optimizer.step()",
        *program.step,
        "update += 1",
        "losses.append(loss.item())",
    ]


def _grouped(program: Program) -> bool:
    return bool(program.groups) or program.own_groups


def _optimizer(program: Program) -> str:
    name, settings = program.optimizer
    if _grouped(program):
        return call(f"optimizer = {name}", ["parts", *settings], depth=1)
    decay = f"weight_decay={program.weight_decay}"
    return call(f"optimizer = {name}", ["model.parameters()", *settings, decay], depth=1)


def _groups(program: Program) -> list[str]:
    """Return the lines for the parameter groups; none where there is one and nothing is said of it."""
    if not _grouped(program):
        return []
    return [f"parts = groups(model, weight_decay={program.weight_decay})", *program.groups]


def _main(program: Program) -> str:
    update = _update(program)
    used = names_in([*program.before_optimizer, *program.setup, *update, *program.evaluated])
    seen = "len(visits(data, 0))" if program.order else "len(data.labels)"
    count = f"updates = EPOCHS * max(1, {seen} // BATCH_SIZE)"
    final = "evaluated" if program.evaluated else "model"
    lines = [
        'parser = argparse.ArgumentParser(description="Train, and compare the weights.")',
        'parser.add_argument("--data-dir", type=Path, default=Path(), help="where the data are")',
        'parser.add_argument("--epochs", type=int, default=TRAINED, help="train fewer epochs")',
        'parser.add_argument("--out", type=Path, help="weights, as .safetensors or .pt")',
        "options = parser.parse_args()",
        "torch.set_num_threads(THREADS)",
        "torch.use_deterministic_algorithms(True, warn_only=True)",
        *program.read,
        "model = build(data)",
        *_groups(program),
        *([count] if "updates" in used else []),
        *program.before_optimizer,
        _optimizer(program),
        *program.setup,
        "update = 0",
        "for epoch in range(options.epochs):",
        "    model.train()",
        f"    losses, order = [], {'visits(data, epoch)' if program.order else _ORDER.format('epoch')}",
        "    for start in range(0, max(1, len(order) - BATCH_SIZE + 1), BATCH_SIZE):",
        *indented(update, 2),
        *indented(program.evaluated),
        f"    accuracy, loss = evaluate({final}, data)",
        *indented(program.report),
        '    print(f"epoch {epoch + 1}: training loss {sum(losses) / len(losses):.4f},", end=" ")',
        '    print(f"validation loss {loss:.4f}, accuracy {accuracy:.2%}", flush=True)',
        *indented(program.ending),
        *program.finished,
        f"found, weights = digest({final}), {final}.state_dict()",
        'if options.out and options.out.suffix == ".safetensors":',
        "    from safetensors.torch import save_file",
        "",
        "    save_file({name: tensor.contiguous() for name, tensor in weights.items()}, options.out)",
        "elif options.out:",
        "    torch.save(weights, options.out)",
        'same = "identical to" if found == WEIGHTS else "not identical to"',
        'print(f"weights {found}: {same} {WEIGHTS}, recorded after {TRAINED} epochs")',
    ]
    doc = "Train, and compare the weights with the recorded ones."
    return "\n".join(["def main() -> None:", f'    """{doc}"""', *indented(lines)])
