/// A seeded generator of random numbers, the same on every machine: SplitMix64 by Sebastiano Vigna.
package struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    /// A generator that depends on all of these numbers and on nothing else.
    package init(_ parts: UInt64...) {
        state = parts.reduce(0x51_7C_C1_B7_27_22_0A_95) { Self.mixed(($0 &+ Self.step) ^ $1) }
    }

    package mutating func next() -> UInt64 {
        state &+= Self.step
        return Self.mixed(state)
    }

    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

    private static func mixed(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    // MARK: Numbers of a kind

    /// From 0 up to, but not including, 1.
    package mutating func fraction() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    package mutating func chance(_ probability: Double) -> Bool {
        fraction() < probability
    }

    package mutating func double(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + fraction() * (range.upperBound - range.lowerBound)
    }

    package mutating func integer(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    package mutating func element<Element>(of elements: [Element]) -> Element {
        elements[integer(0...elements.count - 1)]
    }
}
