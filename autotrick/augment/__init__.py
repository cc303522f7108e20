"""Image operations on whole uint8 batches, and the policies that combine them.

`policies` names the operations and holds the published policies; `plans` turns uniform draws into an
operation and a magnitude for each image; `engine` applies them, with the compiled `kernels`. Only the
last two import numba.

Augmentation runs on the CPU whatever the network trains on: an update's images are ready before they
go to the device, and the same images come out everywhere. There is no second path on a GPU.

To see what tricks do to images, call their `on_images` in order of position: of the run they use
`run.stream(name)`, `run.update` and `run.epoch`; pca_colour looks at `run.images` too.
"""
