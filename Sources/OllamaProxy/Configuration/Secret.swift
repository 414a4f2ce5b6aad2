/// The API key, and how to keep it out of what others read: an upstream may quote it in its errors.
package struct Secret {
    private let value: String

    package init(_ value: String) {
        self.value = value
    }

    /// Whether the secret stands in these bytes.
    package func isIn(_ bytes: Bytes) -> Bool {
        !value.isEmpty && bytes.holds(value)
    }

    /// The text without the secret.
    package func removed(from text: String) -> String {
        guard !value.isEmpty, let (before, after) = text.cut(at: value) else { return text }
        return before + "[key]" + removed(from: String(after))
    }
}
