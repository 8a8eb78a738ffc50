// Carries the precompiled header of the sources that use wide SIMD.
