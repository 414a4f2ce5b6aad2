import Foundation

/// Whether the executable under test was built with the address sanitizer, which takes its own part of time and memory.
public enum AddressSanitizer {
    /// True also when there is no executable yet: then there is nothing to measure.
    public static let isOn = {
        guard let executable = try? Data(contentsOf: BuiltProducts.ollamaProxy(), options: .alwaysMapped) else {
            return true
        }
        return executable.range(of: Data("__asan_init".utf8)) != nil
    }()

    /// By what a limit on resident memory is to be multiplied: what is freed is kept for a while, to catch who uses it.
    public static let memoryFactor = isOn ? 4 : 1
}
