/// The replies of the OpenAI door that need nothing but the catalog.
package enum OpenAIReplies {
    /// `GET /v1/models`.
    package static func models(of catalog: Catalog) -> ByteBuffer {
        JSONWriter.object { body in
            body.field("object", "list")
            body.key("data")
            body.array { rows in
                for (model, name) in catalog.listing {
                    rows.object { row in
                        row.field("id", name)
                        row.field("object", "model")
                        row.field("created", Int(model.created))
                        row.field("owned_by", model.vendor.isEmpty ? "openrouter" : model.vendor)
                    }
                }
            }
        }
    }
}
