import CLinux
import Glibc
import OllamaProxy

/// The filter file, read again whenever it changes.
///
/// Its folder is watched rather than the file: editors replace files, and a file that does not exist yet cannot be
/// watched.
final class FilterFile: DescriptorWatcher {
    private let paths: [String]
    private let loop: EventLoop
    private let log: Log
    /// inotify's descriptor, open as long as the process lives; -1 when the system has none left.
    private let watch: Int32
    private(set) var filter = ModelFilter()
    /// Called after the filter has changed.
    var changed: () -> Void = {}

    /// - Parameter paths: the first that exists counts.
    init(paths: [String], loop: EventLoop, log: Log) {
        self.paths = paths
        self.loop = loop
        self.log = log
        watch = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        watchFolders()
        if watch >= 0 { _ = try? loop.poller.add(watch, events: EPOLLIN.rawValue, self) }
        read(isFirst: true)
    }

    func descriptorReady(_ events: UInt32) {
        drain()
        watchFolders()
        read(isFirst: false)
    }

    private func watchFolders() {
        guard watch >= 0 else { return }
        let mask = UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_ATTRIB)
        for path in paths {
            // Where the folder is yet to be made, the one above tells when it is.
            var folder = Files.folder(of: path)
            while inotify_add_watch(watch, folder, mask) < 0, folder != ".", folder != "/" {
                folder = Files.folder(of: folder)
            }
        }
    }

    /// What happened does not matter, only that something did.
    private func drain() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while Glibc.read(watch, &buffer, buffer.count) > 0 {}
    }

    private func read(isFirst: Bool) {
        let path = paths.first(where: Files.exists)
        let content = path.flatMap { Files.read($0, limit: 1 << 20) }
        if let path, content == nil {
            return log.warn("filter_unreadable", ["path": path, "consequence": "the filter stays as it was"])
        }
        let new = content.map { $0.withBytes { ModelFilter(text: $0) } } ?? ModelFilter()
        guard new != filter else { return }
        filter = new
        log.info("filter_read", ["path": path ?? paths.first, "patterns": new.patternCount])
        if !isFirst { changed() }
    }
}
