/// Looks for what is no UTF-8 (RFC 3629) in bytes that come in pieces.
package struct UTF8Check {
    /// Continuation bytes that are still to come of a sequence.
    private var missing = 0
    /// What the next of them may be.
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xBF
    /// Sequences so far that are no UTF-8.
    package private(set) var faults = 0

    package init() {}

    /// Whether the bytes so far end within a sequence.
    package var isWithinSequence: Bool { missing > 0 }

    @inline(__always)
    package mutating func accept(_ byte: UInt8) {
        guard missing > 0 else { return begin(byte) }
        if byte >= lowest, byte <= highest {
            missing -= 1
            (lowest, highest) = (0x80, 0xBF)
        } else {
            faults += 1
            missing = 0
            (lowest, highest) = (0x80, 0xBF)
            begin(byte)
        }
    }

    private mutating func begin(_ byte: UInt8) {
        switch byte {
        case 0x00...0x7F: break
        case 0xC2...0xDF: missing = 1
        case 0xE0: (missing, lowest) = (2, 0xA0)
        case 0xED: (missing, highest) = (2, 0x9F)
        case 0xE1...0xEF: missing = 2
        case 0xF0: (missing, lowest) = (3, 0x90)
        case 0xF4: (missing, highest) = (3, 0x8F)
        case 0xF1...0xF3: missing = 3
        default: faults += 1
        }
    }

    /// Nothing follows: a sequence that is not whole is no UTF-8.
    package mutating func finish() {
        if missing > 0 { faults += 1 }
        missing = 0
    }
}
