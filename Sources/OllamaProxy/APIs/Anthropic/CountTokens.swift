/// `POST /v1/messages/count_tokens`, which nothing upstream answers for models of all vendors.
package enum CountTokens {
    /// An estimate, which says that it is one.
    package static func reply(to needs: RequestNeeds) -> ByteBuffer {
        JSONWriter.object { body in
            body.field("input_tokens", max(1, needs.promptTokens))
            body.field("estimated", true)
        }
    }
}
