"""The modelled machine: device descriptors, sizes of formats, legal op models, costs and memory allocation."""
