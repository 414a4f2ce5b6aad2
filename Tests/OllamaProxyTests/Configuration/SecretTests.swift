import OllamaProxy
import Testing

struct SecretTests {
    @Test(
        arguments: [
            ("sk-key", "[key]"), ("a sk-key, sk-keysk-key.", "a [key], [key][key]."), ("sk-ke", "sk-ke"), ("", ""),
            ("ssk-key", "s[key]"),
            // As characters, the mark would hide the secret's last letter.
            ("sk-key\u{301}!", "[key]\u{301}!"),
        ])
    func isTakenOut(text: String, rest: String) {
        #expect(Secret("sk-key").removed(from: text) == rest)
    }
}
