import OllamaProxy

/// Whatever is in the cache's file, damaged as it may be.
enum ModelsCacheTarget {
    static func run(_ bytes: Bytes) {
        var input = FuzzInput(bytes)
        let flags = input.byte()
        ModelsListTarget.check(CatalogCache.models(in: input.rest), flags: flags)
    }
}
