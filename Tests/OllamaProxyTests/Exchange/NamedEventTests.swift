import OllamaProxy
import Testing

/// The name of a forwarded event is read from its data, where it may be written with escapes.
struct NamedEventTests {
    @Test(arguments: [
        (#""message_delta""#, "event: message_delta\n"),
        (#""message\u005fdelta""#, "event: message_delta\n"),
        (#""caf\u00e9""#, "event: café\n"),
        // A name that spans lines would begin another field.
        (#""a\ndata: {}""#, ""),
        (#""a\r""#, ""),
    ])
    func isNamedAsItsDataSays(type: String, field: String) throws {
        var stage = try ExchangeStage(.messages(stream: true))
        let data = #"{"type":\#(type),"delta":{"text":"word"}}"#
        stage.begin()
        stage.head()
        stage.bytes("data: \(data)\n\n")
        #expect(stage.output == "\(field)data: \(data)\n\n")
    }
}
