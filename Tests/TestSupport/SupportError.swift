/// Why a helper of the tests could not do its work.
public struct SupportError: Error, CustomStringConvertible, Sendable {
    public let description: String

    public init(_ description: String) { self.description = description }
}
