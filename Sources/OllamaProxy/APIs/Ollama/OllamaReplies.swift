/// The replies of the Ollama API that need nothing but the catalog.
package enum OllamaReplies {
    /// The version of Ollama whose API this is. Clients compare it with the one they need, so it is plain numbers.
    package static let version = "0.18.0"

    package static let greeting = "Ollama is running"

    package static func versionBody() -> ByteBuffer {
        JSONWriter.object { $0.field("version", version) }
    }

    /// `GET /api/tags`.
    package static func tags(of catalog: Catalog, remoteHost: String) -> ByteBuffer {
        JSONWriter.object { body in
            body.key("models")
            body.array { rows in
                for (model, name) in catalog.listing {
                    rows.object { write(model, name: name, remoteHost: remoteHost, to: &$0) }
                }
            }
        }
    }

    /// `POST /api/show`.
    package static func show(_ model: Model, name: String, remoteHost: String) -> ByteBuffer {
        let description = ModelDescription(model)
        let family = description.family
        return JSONWriter.object { body in
            body.field("license", "")
            body.field("modelfile", "# \(model.displayName.isEmpty ? model.id : model.displayName)\nFROM \(model.id)\n")
            body.field(
                "parameters",
                model.servedContextLength > 0 ? "num_ctx                        \(model.servedContextLength)" : "")
            body.field("template", template(of: model))
            body.key("details")
            body.object { writeDetails(description, to: &$0) }
            body.key("model_info")
            body.object { info in
                info.field("general.architecture", family)
                info.field("general.basename", name)
                info.field("general.parameter_count", description.parameterCount)
                info.key("\(family).context_length")
                info.integer(model.servedContextLength)
                info.key("\(family).embedding_length")
                info.integer(0)
            }
            body.field("capabilities", description.capabilities)
            body.field("modified_at", description.modifiedAt)
            body.field("remote_model", model.id)
            body.field("remote_host", remoteHost)
        }
    }

    /// The answer to a chat without messages, or to an empty prompt, which only wants the model loaded, or unloaded.
    package static func loaded(model: String, isChat: Bool, isUnload: Bool, now: Moment) -> ByteBuffer {
        wordless(model: model, isChat: isChat, now: now) { body in
            body.field("done", true)
            body.field("done_reason", isUnload ? "unload" : "load")
        }
    }

    /// A line without a word, for a client that waits for the first.
    package static func heartbeat(model: String, isChat: Bool, now: Moment) -> ByteBuffer {
        wordless(model: model, isChat: isChat, now: now) { $0.field("done", false) }
    }

    private static func wordless(
        model: String, isChat: Bool, now: Moment, _ end: (inout JSONWriter) -> Void
    ) -> ByteBuffer {
        let createdAt = ByteBuffer(capacity: 32)
        Timestamp.append(now.wall, fractionDigits: 9, to: createdAt)
        return JSONWriter.object { body in
            body.field("model", model)
            body.field("created_at", createdAt.text)
            if isChat {
                body.key("message")
                body.object { message in
                    message.field("role", "assistant")
                    message.field("content", "")
                }
            } else {
                body.field("response", "")
            }
            end(&body)
        }
    }

    private static func write(_ model: Model, name: String, remoteHost: String, to row: inout JSONWriter) {
        let description = ModelDescription(model)
        row.field("name", name)
        row.field("model", name)
        row.field("remote_model", model.id)
        row.field("remote_host", remoteHost)
        row.field("modified_at", description.modifiedAt)
        row.field("size", 0)
        row.field("digest", description.digest)
        row.key("details")
        row.object { writeDetails(description, to: &$0) }
        row.field("capabilities", description.capabilities)
    }

    static func writeDetails(_ description: ModelDescription, to details: inout JSONWriter) {
        details.field("parent_model", "")
        details.field("format", "gguf")
        details.field("family", description.family)
        details.field("families", description.families)
        details.field("parameter_size", description.parameterSize)
        details.field("quantization_level", "")
        details.field("context_length", description.model.servedContextLength)
        details.field("embedding_length", 0)
    }

    /// Clients look into the template for what a model can do.
    private static func template(of model: Model) -> String {
        model.usesTools
            ? "{{ if .System }}{{ .System }}{{ end }}{{ if .Tools }}{{ .Tools }}{{ end }}{{ .Prompt }}"
            : "{{ if .System }}{{ .System }}{{ end }}{{ .Prompt }}"
    }
}
