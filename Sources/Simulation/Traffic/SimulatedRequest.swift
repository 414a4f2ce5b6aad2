import OllamaProxy

/// One client's request.
package struct SimulatedRequest {
    /// In order of arrival, from 0.
    package var index = 0
    /// Seconds since midnight.
    package let time: Double
    package let door: Door
    /// The model's name as the client writes it.
    package let name: String
    package let needs: RequestNeeds
    /// How long the answer will be, from any model.
    let answerTokens: Int

    /// A client that has seen no word by then gives up, in seconds.
    package static let patience = 120.0
}
