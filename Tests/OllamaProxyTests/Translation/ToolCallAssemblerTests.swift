import OllamaProxy
import Testing

struct ToolCallAssemblerTests {
    /// Feeds the `tool_calls` arrays of as many deltas.
    private static func calls(_ deltas: String...) throws -> [String] {
        var assembler = ToolCallAssembler()
        for delta in deltas {
            try withBytes(#"{"choices":[{"delta":{"tool_calls":\#(delta)}}]}"#) { bytes in
                for fragment in try AnswerEvent(bytes).toolCalls { assembler.add(fragment) }
            }
        }
        return try assembler.finish().map { "\($0.index) \($0.id) \($0.name) \($0.arguments.text)" }
    }

    @Test func joinsFragmentsByIndex() throws {
        let calls = try Self.calls(
            #"[{"index":0,"id":"a","function":{"name":"f","arguments":""}}]"#,
            #"[{"index":0,"function":{"arguments":"{\"x\":"}},{"index":1,"id":"b","function":{"name":"g"}}]"#,
            #"[{"index":0,"function":{"arguments":"\"\\u00e9 \ud83d"}}]"#,
            #"[{"index":0,"function":{"arguments":"\ude00\"}"}}]"#)
        #expect(calls == [#"0 a f {"x":"\u00e9 😀"}"#, "1 b g {}"])
    }

    @Test func copesWithoutIndexes() throws {
        let calls = try Self.calls(
            #"[{"id":"a","function":{"name":"f","arguments":"{"}}]"#, #"[{"function":{"arguments":"}"}}]"#,
            #"[{"id":"b","function":{"name":"f","arguments":{"y":2}}}]"#)
        #expect(calls == ["0 a f {}", #"1 b f {"y":2}"#])
    }

    @Test func tellsCallsApartByIdWhereAllHaveTheSameIndex() throws {
        let calls = try Self.calls(
            #"[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]"#,
            #"[{"index":0,"id":"b","function":{"name":"g","arguments":"{"}}]"#,
            #"[{"index":0,"function":{"arguments":"}"}}]"#)
        #expect(calls == ["0 a f {}", "1 b g {}"])
    }

    @Test func inventsMissingIdsAndTakesEmptyOrTwiceEncodedArguments() throws {
        let calls = try Self.calls(
            #"[{"index":3,"function":{"name":"f","arguments":"null"}}]"#,
            #"[{"index":5,"id":"","function":{"name":"g","arguments":"\"{\\\"z\\\":1}\""}}]"#)
        #expect(calls == ["0 call_0 f {}", #"1 call_1 g {"z":1}"#])
    }

    @Test(
        arguments: [
            (#"[{"index":0,"function":{"name":"f","arguments":"{\"cut"}}]"#, "not JSON"),
            (#"[{"index":0,"function":{"name":"f","arguments":"[1]"}}]"#, "not an object"),
            (#"[{"index":0,"function":{"arguments":"{}"}}]"#, "without naming it"),
        ])
    func refusesBrokenCalls(delta: String, reason: String) {
        let error = #expect(throws: ToolCallAssembler.BrokenCall.self) { try Self.calls(delta) }
        #expect(error?.reason.contains(reason) == true)
    }
}
