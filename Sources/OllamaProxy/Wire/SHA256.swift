/// SHA-256 (FIPS 180-4), for the digests that Ollama's clients show and compare. Nothing secret depends on it.
package enum SHA256 {
    /// The digest as 64 lowercase hexadecimal digits.
    package static func hexDigest(_ message: Bytes) -> String {
        var state = initialState
        var schedule = [UInt32](repeating: 0, count: 64)
        let padded = ByteBuffer(capacity: message.count + 72)
        padded.append(message)
        padded.append(0x80)
        while padded.count % 64 != 56 { padded.append(0) }
        let bitCount = UInt64(message.count) * 8
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            padded.append(UInt8(truncatingIfNeeded: bitCount >> shift))
        }
        padded.withBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: 64) {
                compress(bytes.part(start..<start + 64), into: &state, schedule: &schedule)
            }
        }
        return state.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }

    private static func compress(_ block: Bytes, into state: inout [UInt32], schedule: inout [UInt32]) {
        for index in 0..<16 {
            schedule[index] = block.part(index * 4..<index * 4 + 4).reduce(0) { $0 << 8 | UInt32($1) }
        }
        for index in 16..<64 {
            let early = schedule[index - 15]
            let late = schedule[index - 2]
            let sigma0 = rotate(early, 7) ^ rotate(early, 18) ^ early >> 3
            let sigma1 = rotate(late, 17) ^ rotate(late, 19) ^ late >> 10
            schedule[index] = schedule[index - 16] &+ sigma0 &+ schedule[index - 7] &+ sigma1
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for index in 0..<64 {
            let sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
            let choice = (e & f) ^ (~e & g)
            let first = h &+ sum1 &+ choice &+ roundConstants[index] &+ schedule[index]
            let sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
            let majority = (a & b) ^ (a & c) ^ (b & c)
            (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ sum0 &+ majority)
        }
        for (index, value) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= value }
    }

    private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word >> count | word << (32 - count)
    }

    // Both tables are defined as the first 32 bits of the fractional parts of roots of the first primes, so they are
    // computed rather than listed.
    private static let primes: [UInt64] = (2...311).filter { number in
        !(2..<number).contains { number % $0 == 0 }
    }
    private static let initialState = primes.prefix(8).map { fractionOfRoot(of: $0, power: 2) }
    private static let roundConstants = primes.map { fractionOfRoot(of: $0, power: 3) }

    /// Bits 33 to 64 of the root's binary expansion, by bisection in whole numbers.
    private static func fractionOfRoot(of prime: UInt64, power: Int) -> UInt32 {
        let target = UInt128(prime) << UInt128(32 * power)
        var low: UInt128 = 0
        var high: UInt128 = 1 << 37
        while high - low > 1 {
            let middle = (low + high) / 2
            let value = power == 2 ? middle * middle : middle * middle * middle
            if value <= target { low = middle } else { high = middle }
        }
        return UInt32(truncatingIfNeeded: low)
    }
}
