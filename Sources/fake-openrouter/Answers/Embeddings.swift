import Foundation

/// Answers POST /embeddings with unit vectors that depend on nothing but the text.
enum Embeddings {
    static func plan(for body: JSONValue, model: String) -> ResponsePlan {
        let inputs: [JSONValue]
        switch body["input"] {
        case .string(let text): inputs = [.string(text)]
        case .array(let elements) where elements.first?.int != nil: inputs = [.array(elements)]
        case .array(let elements): inputs = elements
        default: return .error(400, "Input required: specify \"input\"")
        }
        let dimensions = min(max(body["dimensions"]?.int ?? 64, 1), 4096)
        let isBase64 = body["encoding_format"]?.string == "base64"
        let tokens = inputs.reduce(0) { $0 + $1.rendered.count / 4 + 1 }

        let data = inputs.enumerated().map { index, input -> JSONValue in
            let vector = vector(of: input, dimensions: dimensions)
            let embedding: JSONValue =
                isBase64 ? .string(base64(vector)) : .array(vector.map { .number(String($0)) })
            return ["object": "embedding", "index": .int(index), "embedding": embedding]
        }
        return .json([
            "id": .string(GenerationIdentifier.placeholder), "object": "list", "data": .array(data),
            "model": .string(model), "provider": "Fake",
            "usage": ["prompt_tokens": .int(tokens), "total_tokens": .int(tokens), "cost": 0],
        ])
    }

    private static func vector(of input: JSONValue, dimensions: Int) -> [Float] {
        // FNV-1a spreads the text over the state; a xorshift then draws the components from it.
        var state: UInt64 = 14_695_981_039_346_656_037
        for byte in input.rendered { state = (state ^ UInt64(byte)) &* 1_099_511_628_211 }
        let components = (0..<dimensions).map { _ -> Float in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Float(state >> 40) / Float(1 << 23) - 1
        }
        let length = components.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return length == 0 ? components : components.map { $0 / length }
    }

    private static func base64(_ vector: [Float]) -> String {
        var data = Data(capacity: vector.count * 4)
        for component in vector {
            withUnsafeBytes(of: component.bitPattern.littleEndian) { data.append(contentsOf: $0) }
        }
        return data.base64EncodedString()
    }
}
