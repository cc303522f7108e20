"""Operations on one image, compiled with numba. Nothing outside `autotrick.augment` imports them.

An image is uint8 (H, W, C), C-contiguous, with 1 or 3 channels. An operation changes it in place; those
that read neighbours write to `spare`, an image of the same shape, and copy back. Arithmetic is
float32 without reordering, so that every machine and every batch gives the same pixels, and follows
`torchvision.transforms.v2.functional` on uint8 tensors step by step: where it multiplies and adds in
one rounding, so do they.
"""
