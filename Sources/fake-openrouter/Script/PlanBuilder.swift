/// Collects the steps of a plan. `chunk` frames bytes for a chunked body, `raw` leaves them as they are.
struct PlanBuilder {
    private(set) var bytes: [UInt8] = []
    private(set) var steps: [ResponsePlan.Step] = []
    private var loopStart: Int?
    private var loop: Range<Int>?

    private let pieceLength: Int?
    private let fixedIdentifier: [UInt8]?
    private var unsplit: [UInt8] = []
    private var unsplitDelay: UInt32 = 0

    private var lastChunk: [UInt8] = []
    private var lastChunkStep: ResponsePlan.Step?

    /// With a piece length, bodies are cut into chunks of that many bytes, across the borders of events where no delay
    /// keeps these apart.
    init(pieceLength: Int? = nil) {
        self.pieceLength = pieceLength
        // A placeholder cut in two could not be found again, so such plans get their identifier once and for all.
        fixedIdentifier = pieceLength == nil ? nil : GenerationIdentifier.make()
    }

    /// Appends bytes that need no framing.
    mutating func raw(_ content: [UInt8], delay: Delay = .none) {
        writeUnsplit()
        append(fixed(content), delay: delay.microseconds, alone: false)
    }

    /// Appends a piece of a chunked body.
    mutating func chunk(_ content: [UInt8], delay: Delay = .none) {
        guard pieceLength == nil else {
            if delay.microseconds > 0 { writeUnsplit() }
            if unsplit.isEmpty { unsplitDelay = delay.microseconds }
            unsplit += fixed(content)
            return
        }
        guard !content.isEmpty else {
            if delay.microseconds > 0 { append([], delay: delay.microseconds, alone: false) }
            return
        }
        if let last = lastChunkStep, content == lastChunk {
            steps.append(
                ResponsePlan.Step(
                    start: last.start, end: last.end, delayMicroseconds: delay.microseconds,
                    identifierOffset: last.identifierOffset, isWrittenAlone: false))
            return
        }
        append(Self.framed(content[...]), delay: delay.microseconds, alone: false)
        (lastChunk, lastChunkStep) = (content, steps.last)
    }

    /// Everything between these two calls repeats for ever.
    mutating func beginLoop() {
        writeUnsplit()
        loopStart = steps.count
    }

    mutating func endLoop() {
        writeUnsplit()
        if let loopStart, loopStart < steps.count { loop = loopStart..<steps.count }
    }

    /// Ends a chunked body properly.
    mutating func endChunks() { raw(Array("0\r\n\r\n".utf8)) }

    mutating func plan(ending: ResponsePlan.Ending, endingDelay: Delay = .none) -> ResponsePlan {
        writeUnsplit()
        if endingDelay.microseconds > 0 { append([], delay: endingDelay.microseconds, alone: false) }
        return ResponsePlan(bytes: bytes, steps: steps, loop: loop, ending: ending)
    }

    private mutating func writeUnsplit() {
        guard let pieceLength, !unsplit.isEmpty else { return }
        var delay = unsplitDelay
        var start = 0
        while start < unsplit.count {
            let end = min(start + pieceLength, unsplit.count)
            append(Self.framed(unsplit[start..<end]), delay: delay, alone: true)
            delay = 0
            start = end
        }
        unsplit = []
    }

    private mutating func append(_ content: [UInt8], delay: UInt32, alone: Bool) {
        let start = bytes.count
        bytes += content
        let offset = Self.offset(of: Array(GenerationIdentifier.placeholder.utf8), in: content.prefix(1024))
        steps.append(
            ResponsePlan.Step(
                start: Int32(start), end: Int32(bytes.count), delayMicroseconds: delay,
                identifierOffset: offset.map { Int32(start + $0) } ?? -1, isWrittenAlone: alone))
    }

    private func fixed(_ content: [UInt8]) -> [UInt8] {
        guard let fixedIdentifier,
            let offset = Self.offset(of: Array(GenerationIdentifier.placeholder.utf8), in: content.prefix(1024))
        else { return content }
        var content = content
        content.replaceSubrange(offset..<offset + fixedIdentifier.count, with: fixedIdentifier)
        return content
    }

    private static func framed(_ content: ArraySlice<UInt8>) -> [UInt8] {
        Array((String(content.count, radix: 16) + "\r\n").utf8) + content + [0x0D, 0x0A]
    }

    private static func offset(of needle: [UInt8], in content: ArraySlice<UInt8>) -> Int? {
        guard content.count >= needle.count else { return nil }
        var index = content.startIndex
        while index + needle.count <= content.endIndex {
            if content[index] == needle[0], content[index..<index + needle.count].elementsEqual(needle) {
                return index - content.startIndex
            }
            index += 1
        }
        return nil
    }
}

/// A wait between two writes.
struct Delay: Equatable {
    let microseconds: UInt32

    static let none = Delay(milliseconds: 0)

    init(milliseconds: Double) {
        microseconds = UInt32(min(max(milliseconds, 0), 4_000_000) * 1000)
    }

    var milliseconds: Double { Double(microseconds) / 1000 }
}
