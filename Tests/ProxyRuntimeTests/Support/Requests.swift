/// Parts of requests that several tests send.
enum Requests {
    /// The beginning of a PNG, in base64.
    static let picture = "iVBORw0KGgoAAAANSUhEUgAAAAE"

    static var tool: JSONObject {
        [
            "type": "function",
            "function": ["name": "look", "parameters": ["type": "object", "properties": JSONObject()]],
        ]
    }

    static var schema: JSONObject { ["type": "object", "properties": ["age": ["type": "integer"]]] }

    /// A message whose content is a question and one further part, as the OpenAI door takes it.
    static func message(with part: JSONObject) -> JSONObject {
        ["role": "user", "content": [["type": "text", "text": "What is it?"], part]]
    }

    static var picturePart: JSONObject {
        ["type": "image_url", "image_url": ["url": "data:image/png;base64,\(picture)"]]
    }

    static var soundPart: JSONObject {
        ["type": "input_audio", "input_audio": ["data": "AAAA", "format": "wav"]]
    }

    static var documentPart: JSONObject {
        ["type": "file", "file": ["filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="]]
    }
}
