/// The replies to requests that manage models, of which there is nothing to manage here.
package enum ManagementReplies {
    /// `POST /api/pull` of a model that is there, which is all that a hosted model can be.
    package static func pulled(digest: String, stream: Bool) -> ByteBuffer {
        let output = ByteBuffer()
        guard stream else {
            output.append(JSONWriter.object { $0.field("status", "success") })
            return output
        }
        append("pulling manifest", to: output)
        output.append(
            JSONWriter.object { line in
                line.field("status", "pulling \(digest.prefix(12))")
                line.field("digest", "sha256:\(digest)")
                // A size of nothing would have clients divide by zero.
                line.field("total", 1)
                line.field("completed", 1)
            })
        output.append("\n")
        for status in ["verifying sha256 digest", "writing manifest", "success"] { append(status, to: output) }
        return output
    }

    /// `POST /api/pull` of a model that does not exist, streamed: Ollama begins before it knows.
    package static func notPulled() -> ByteBuffer {
        let output = ByteBuffer()
        append("pulling manifest", to: output)
        output.append(ErrorShape.ollama.body(status: 500, message: noManifest))
        output.append("\n")
        return output
    }

    package static let noManifest = "pull model manifest: file does not exist"

    /// `GET /api/ps`.
    package static func running(_ uses: [String: RecentModels.Use], in catalog: Catalog) -> ByteBuffer {
        JSONWriter.object { body in
            body.key("models")
            body.array { rows in
                for (model, name) in zip(catalog.models, catalog.listedNames) {
                    guard let use = uses[model.id] else { continue }
                    rows.object { row in
                        let description = ModelDescription(model)
                        row.field("name", name)
                        row.field("model", name)
                        row.field("size", 0)
                        row.field("digest", description.digest)
                        row.key("details")
                        row.object { OllamaReplies.writeDetails(description, to: &$0) }
                        // What never expires is said to in a far year, for clients that read a date.
                        row.field(
                            "expires_at", use.expires.map(Timestamp.text) ?? "2262-04-11T23:47:16Z")
                        row.field("size_vram", 0)
                        row.field("context_length", model.servedContextLength)
                    }
                }
            }
        }
    }

    /// `GET /api/status`.
    package static func status() -> ByteBuffer {
        JSONWriter.object { body in
            body.key("cloud")
            body.object { cloud in
                cloud.field("disabled", false)
                cloud.field("source", "none")
            }
        }
    }

    /// `GET /api/experimental/model-recommendations`: the first few of the list, those that call tools before others.
    package static func recommendations(from catalog: Catalog) -> ByteBuffer {
        let ranked = zip(catalog.models, catalog.listedNames).filter { !$0.0.isGuard && !$0.0.isRouter }
        let chosen = (ranked.filter { $0.0.usesTools } + ranked.filter { !$0.0.usesTools }).prefix(5)
        return JSONWriter.object { body in
            body.key("recommendations")
            body.array { rows in
                for (model, name) in chosen {
                    rows.object { row in
                        row.field("model", name)
                        row.field("description", model.displayName.isEmpty ? model.id : model.displayName)
                        row.field("context_length", model.servedContextLength)
                        row.field("max_output_tokens", model.maxCompletionTokens ?? 0)
                    }
                }
            }
        }
    }

    private static func append(_ status: String, to output: ByteBuffer) {
        output.append(JSONWriter.object { $0.field("status", status) })
        output.append("\n")
    }
}
