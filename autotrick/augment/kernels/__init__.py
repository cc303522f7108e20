"""The operations of the CPU backend, compiled with numba. Only `autotrick.augment.cpu` imports them.

`policy`, `single_operations` and `erase` hold the loops over a batch that Python calls. All other files
hold operations on one image, uint8 (H, W, C), C-contiguous, with 1 or 3 channels. An operation changes
the image in place; one that reads neighbours writes to `spare`, an image of the same shape, and copies
back.

Arithmetic is float32 without reordering, so that every machine and every batch gives the same pixels.
It follows `torchvision.transforms.v2.functional` on uint8 tensors step by step: where torchvision
multiplies and adds in one rounding, so do the kernels.
"""
