import Glibc

/// Whether tests and executables were built with the address sanitizer, which takes its own part of time and memory.
public enum AddressSanitizer {
    public static let isOn = dlsym(nil, "__asan_init") != nil

    /// By what a limit on resident memory is to be multiplied: what is freed is kept for a while, to catch who uses it.
    public static let memoryFactor = isOn ? 4 : 1
}
