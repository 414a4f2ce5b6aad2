/// The replies of the OpenAI door that need nothing but the catalog.
package enum OpenAIReplies {
    /// `GET /v1/models`.
    package static func models(of catalog: Catalog) -> ByteBuffer {
        JSONWriter.object { body in
            body.field("object", "list")
            body.key("data")
            body.array { rows in
                for (model, name) in catalog.listing { rows.object { write(model, name: name, to: &$0) } }
            }
        }
    }

    /// `GET /v1/models/{id}`.
    package static func model(_ model: Model, name: String) -> ByteBuffer {
        JSONWriter.object { write(model, name: name, to: &$0) }
    }

    private static func write(_ model: Model, name: String, to row: inout JSONWriter) {
        row.field("id", name)
        row.field("object", "model")
        row.field("created", model.created)
        row.field("owned_by", model.vendor.isEmpty ? "openrouter" : model.vendor)
    }
}
