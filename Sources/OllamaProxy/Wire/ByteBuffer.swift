/// Borrowed bytes. Valid only as long as their owner says, usually for the duration of one call.
package typealias Bytes = UnsafeBufferPointer<UInt8>

/// A growable queue of bytes at an address that stays put until the next mutation.
///
/// Writers append at the end, readers take from the front. It is a class with storage of its own rather than an
/// array, because libcurl keeps a pointer to a request body for as long as the transfer lives, and because the hot
/// path must neither allocate nor check for uniqueness for every chunk.
package final class ByteBuffer {
    private var storage = ByteBuffer.nowhere
    private var capacity: Int
    private var head = 0
    private var tail = 0

    /// Where a buffer's bytes are as long as it has reserved none.
    private static var nowhere: UnsafeMutablePointer<UInt8> { UnsafeMutablePointer(bitPattern: 1)! }

    /// - Parameter capacity: bytes to reserve at once; 0 reserves nothing until the first append.
    package init(capacity: Int = 0) {
        self.capacity = capacity
        if capacity > 0 { storage = .allocate(capacity: capacity) }
    }

    package convenience init(_ text: String) {
        self.init(capacity: text.utf8.count)
        append(text)
    }

    package convenience init(copying bytes: Bytes) {
        self.init(capacity: bytes.count)
        append(bytes)
    }

    deinit {
        if capacity > 0 { storage.deallocate() }
    }

    /// How many bytes wait to be read.
    package var count: Int { tail - head }

    package var isEmpty: Bool { tail == head }

    /// Lends the bytes that wait to be read, for the length of the call.
    ///
    /// There is no property for them on purpose: the compiler may release a buffer right after its last use, which
    /// taking a pointer out of it would be.
    package func withBytes<Result, Failure: Error>(
        _ body: (Bytes) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(self) {} }
        return try body(Bytes(start: storage + head, count: tail - head))
    }

    /// Where the bytes that wait to be read begin, for libraries that keep a pointer. Valid until the next mutation,
    /// and only as long as the buffer is referenced.
    package var address: UnsafeMutablePointer<UInt8> { storage + head }

    /// The bytes that wait to be read as text, each invalid sequence replaced by U+FFFD.
    package var text: String { withBytes { $0.text } }

    package func append(_ byte: UInt8) {
        if tail == capacity { makeRoom(for: 1) }
        storage[tail] = byte
        tail += 1
    }

    package func append(_ bytes: Bytes) {
        guard let start = bytes.baseAddress, bytes.count > 0 else { return }
        if capacity - tail < bytes.count { makeRoom(for: bytes.count) }
        (storage + tail).update(from: start, count: bytes.count)
        tail += bytes.count
    }

    package func append(_ other: ByteBuffer) {
        other.withBytes { append($0) }
    }

    package func append(_ text: StaticString) {
        append(Bytes(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package func append(_ text: String) {
        var text = text
        text.withUTF8 { append($0) }
    }

    /// Takes bytes from the front.
    package func removeFirst(_ count: Int) {
        precondition(count <= self.count)
        head += count
        if head == tail {
            head = 0
            tail = 0
        }
    }

    /// Takes bytes from the end, so that `count` are left.
    package func truncate(to count: Int) {
        precondition(count <= self.count)
        tail = head + count
    }

    /// Empties the buffer. What it has reserved stays reserved, unless that is more than `limit` bytes.
    package func removeAll(keepingAtMost limit: Int = .max) {
        head = 0
        tail = 0
        guard capacity > limit else { return }
        storage.deallocate()
        storage = Self.nowhere
        capacity = 0
    }

    /// Kept out of what is inlined into every append: room is mostly there.
    @inline(never)
    private func makeRoom(for additional: Int) {
        let needed = count + additional
        if needed <= capacity, head >= capacity / 2 {
            // At least half has been read: moving the rest to the front is cheaper than growing, and happens at
            // most once for every half capacity that passes through.
            storage.update(from: storage + head, count: count)
        } else {
            let newCapacity = max(needed, capacity * 2, 64)
            let newStorage = UnsafeMutablePointer<UInt8>.allocate(capacity: newCapacity)
            newStorage.update(from: storage + head, count: count)
            if capacity > 0 { storage.deallocate() }
            storage = newStorage
            capacity = newCapacity
        }
        tail -= head
        head = 0
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The part of these bytes between two offsets.
    package func part(_ range: Range<Int>) -> Bytes {
        Bytes(rebasing: self[range])
    }

    /// The bytes without white space, as JSON defines it, at both ends.
    package var trimmed: Bytes {
        var start = 0
        var end = count
        while start < end, self[start].isJSONWhitespace { start += 1 }
        while end > start, self[end - 1].isJSONWhitespace { end -= 1 }
        return part(start..<end)
    }

    /// The bytes without white space, as JSON defines it, before them.
    package var trimmedAtStart: Bytes {
        var start = 0
        while start < count, self[start].isJSONWhitespace { start += 1 }
        return part(start..<count)
    }

    /// Inlined, so that of the many keys that a field is none of each is told by its length.
    @inline(__always)
    package func equals(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && equals(Bytes(start: text.utf8Start, count: count))
    }

    package func equals(_ other: Bytes) -> Bool {
        guard count == other.count else { return false }
        guard let one = UnsafeRawPointer(baseAddress), let two = UnsafeRawPointer(other.baseAddress) else {
            return true
        }
        var index = 0
        let last = count - MemoryLayout<SIMD4<UInt64>>.size
        while index <= last {
            let difference =
                one.loadUnaligned(fromByteOffset: index, as: SIMD4<UInt64>.self)
                ^ two.loadUnaligned(fromByteOffset: index, as: SIMD4<UInt64>.self)
            let halves = difference.lowHalf | difference.highHalf
            if halves.x | halves.y != 0 { return false }
            index += MemoryLayout<SIMD4<UInt64>>.size
        }
        while index <= count - 8 {
            let word = one.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            if word != two.loadUnaligned(fromByteOffset: index, as: UInt64.self) { return false }
            index += 8
        }
        while index < count {
            if self[index] != other[index] { return false }
            index += 1
        }
        return true
    }

    /// Whether these are the bytes of `text`, which is in lower case, but for the case of ASCII letters.
    package func equalsIgnoringCase(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in 0..<count {
            let byte = self[index]
            let isCapital = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
            guard (isCapital ? byte | 0x20 : byte) == text.utf8Start[index] else { return false }
        }
        return true
    }

    package func starts(with text: StaticString) -> Bool {
        count >= text.utf8CodeUnitCount && part(0..<text.utf8CodeUnitCount).equals(text)
    }

    /// Where `text` first occurs in these bytes, from `start` on; nil if it does not.
    package func offset(of text: String, from start: Int) -> Int? {
        var text = text
        return text.withUTF8 { wanted in
            guard let first = wanted.first, count - start >= wanted.count else { return nil }
            for offset in start...(count - wanted.count) where self[offset] == first {
                if part(offset..<offset + wanted.count).elementsEqual(wanted) { return offset }
            }
            return nil
        }
    }

    /// The bytes as text, each invalid sequence replaced by U+FFFD.
    package var text: String { String(decoding: self, as: UTF8.self) }
}

extension UInt8 {
    package var isJSONWhitespace: Bool {
        self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09
    }
}

extension String {
    /// Lends the text's bytes for the length of the call.
    package func withBytes<Result, Failure: Error>(
        _ body: (Bytes) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try ByteBuffer(self).withBytes(body)
    }
}
