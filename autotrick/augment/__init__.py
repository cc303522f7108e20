"""Image operations on whole batches, and the policies that combine them.

    policies            the operations, the published policies, and what their strengths mean
    plans               from a policy and uniform draws to an operation and a magnitude for each image
    pictures            a batch of images with its masks: the value that image tricks work on
    backend             what `Pictures` asks of the code that computes
    cpu, kernels        the backend of compiled CPU kernels; only these two import numba
    files               policies as JSON files of ours
    published_files     the files that Fast AutoAugment and PBA write
    library_policies    the names and strings of torchvision's and timm's policies
    presets             sets of image tricks that are known under a name

Augmentation runs on the CPU, whatever device the network trains on: an update's images are ready before
they go to the device, and the same images come out everywhere.

To see what tricks do to images, call their `on_images` in order of position, with `Pictures(images)`.
They use `run.stream(name)`, `run.update` and `run.epoch` of the run; pca_colour looks at `run.images`
too.
"""
