"""Image operations on whole uint8 batches, and the policies that combine them.

`policies` names the operations and holds the published policies; `plans` turns uniform draws into an
operation and a magnitude for each image; `engine` applies them, with the compiled `kernels`. Only the
last two import numba.

To see what tricks do to images, call their `on_images` in order of position: of the run they use
`run.stream(name)` and `run.update`, nothing else.
"""
