import OllamaProxy

/// Events are the same however the bytes come, and the same as a plain reading of the definition finds.
enum EventsTarget {
    static func run(_ bytes: Bytes) {
        var input = FuzzInput(bytes)
        let pattern = input.byte()
        let limit = input.choice(of: [1 << 20, 1 << 20, 64, 8])
        let whole = events(of: input.rest, limit: limit, pattern: nil)
        let cut = events(of: input.rest, limit: limit, pattern: pattern)
        expect(whole.data == cut.data, "other events in pieces: \(cut.data) for \(whole.data)")
        expect(whole.comments == cut.comments, "\(cut.comments) comments in pieces, \(whole.comments) whole")
        expect(whole.isTooLong == cut.isTooLong, "an event is too long only one way")
        guard !whole.isTooLong else { return }
        let expected = PlainReading.events(of: input.rest).map(\.data)
        expect(whole.data == expected, "events \(whole.data) where there are \(expected)")
    }

    private struct Found {
        var data: [String] = []
        var comments = 0
        var isTooLong = false
    }

    private static func events(of bytes: Bytes, limit: Int, pattern: UInt8?) -> Found {
        var found = Found()
        var parser = EventStreamParser(limit: limit)
        let receive = { (event: EventStreamParser.Event) in
            switch event {
            case .data(let data):
                expect(UTF8Repair.isValid(data), "an event that is not valid UTF-8")
                found.data.append(data.text)
            case .comment: found.comments += 1
            }
        }
        let feed = { (piece: Bytes) in
            guard !found.isTooLong else { return }
            do {
                try parser.feed(piece, receive)
            } catch {
                found.isTooLong = true
            }
        }
        if let pattern {
            var pieces = Pieces(pattern: pattern)
            pieces.forEach(of: bytes, feed)
        } else {
            feed(bytes)
        }
        if !found.isTooLong {
            do {
                try parser.finish(receive)
            } catch {
                found.isTooLong = true
            }
        }
        return found
    }
}
