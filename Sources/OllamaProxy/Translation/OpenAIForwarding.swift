/// A stream for the OpenAI door: the upstream's events as they came, without its comments.
package struct OpenAIStreamForwarding: ReplyTranslator {
    package let heldBytes = 0

    package init() {}

    package mutating func take(_ chunk: ChatChunk, data: Bytes, now: Moment, output: ByteBuffer) {
        // An event may have come in several lines, and must leave so: a bare line would be read as another field.
        var start = 0
        while let end = WordScan.lineEnd(in: data, from: start) {
            appendDataLine(data.part(start..<end), to: output)
            start = end + 1
        }
        appendDataLine(data.part(start..<data.count), to: output)
        output.append("\n")
    }

    private func appendDataLine(_ line: Bytes, to output: ByteBuffer) {
        output.append("data: ")
        output.append(line)
        output.append("\n")
    }

    package mutating func finish(_ times: AnswerTimes, output: ByteBuffer) throws(BrokenAnswer) {
        output.append("data: [DONE]\n\n")
    }
}

/// A whole answer for the OpenAI door: the upstream's body as it came, without the white space around it.
package struct OpenAIBodyForwarding: ReplyTranslator {
    package let heldBytes = 0

    package init() {}

    package mutating func take(_ chunk: ChatChunk, data: Bytes, now: Moment, output: ByteBuffer) {
        output.append(data)
    }

    package mutating func finish(_ times: AnswerTimes, output: ByteBuffer) throws(BrokenAnswer) {}
}
