import OllamaProxy
import Testing

/// Durations as Go writes them, and numbers of seconds.
struct KeepAliveTests {
    private func read(_ json: String) throws -> KeepAlive? {
        try withBytes(json) { bytes in
            var reader = JSONReader(bytes)
            return try KeepAlive.read(from: &reader)
        }
    }

    @Test(
        arguments: [
            ("0", 0), ("5", 5), ("300", 300), ("1.5", 2), ("\"0\"", 0), ("\"0s\"", 0), ("\"-0\"", 0), ("\"90\"", 90),
            ("\"5m\"", 300), ("\"1h30m\"", 5400), ("\"1.5h\"", 5400), ("\"+2s\"", 2), ("\"1h1m1s\"", 3661),
            ("\"100ms\"", 1), ("\"1500ms\"", 2), ("\"1ns\"", 1), ("\"3us\"", 1), ("\"3µs\"", 1), ("\"24h\"", 86_400),
            ("\".5m\"", 30),
        ])
    func seconds(json: String, seconds: Int) throws {
        #expect(try read(json) == .lasting(.seconds(seconds)))
    }

    @Test(arguments: ["-1", "-0.5", "\"-1\"", "\"-1s\"", "\"-5m\"", "1e300", "9223372036854775807", "\"9999999h\""])
    func negativeAndEndlessAreForEver(json: String) throws {
        #expect(try read(json) == .forever)
    }

    @Test(arguments: ["null", "\"\""]) func nothingIsSaid(json: String) throws {
        #expect(try read(json) == nil)
    }

    @Test(
        arguments: [
            "\"5 m\"", "\"m\"", "\"5x\"", "\"5m3\"", "\"1h-3m\"", "\"-\"", "\"soon\"", "\"1.2.3s\"", "true", "[]", "{}",
        ])
    func whatIsNoneIsNamed(json: String) {
        let error = #expect(throws: RequestError.self) { try read(json) }
        #expect(error?.status == 400)
        #expect(error?.message.hasPrefix("keep_alive: ") == true)
    }
}
