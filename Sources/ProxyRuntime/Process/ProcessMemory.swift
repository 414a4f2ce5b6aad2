import CLinux
import Glibc
import OllamaProxy

/// The memory of the process: how much it may take, and that it gives back what it has no more use for.
enum ProcessMemory {
    /// From so many bytes on a block is the kernel's again as soon as it is free. Otherwise glibc keeps blocks of up to 32 MB
    /// once one such was freed, so that a body that came hours ago would still take its memory.
    private static let largeBlock: Int32 = 1 << 20

    /// To be called once, before anything large is allocated.
    static func giveBackLargeBlocks() {
        mallopt(M_MMAP_THRESHOLD, largeBlock)
    }

    /// What is left of the least that the machine, a control group or the limits of the process allow, in bytes.
    static func available() -> Int {
        let taken = ProcessFigures()
        let pages = sysconf(Int32(_SC_PHYS_PAGES))
        var available = pages > 0 ? pages * sysconf(Int32(_SC_PAGESIZE)) - taken.residentBytes : .max
        for limit in limitsOfGroups() { available = min(available, limit - taken.residentBytes) }
        if let limit = limit(RLIMIT_AS) { available = min(available, limit - taken.virtualBytes) }
        if let limit = limit(RLIMIT_DATA) { available = min(available, limit - taken.residentBytes) }
        return max(0, available)
    }

    private static func limit(_ resource: __rlimit_resource) -> Int? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0, limit.rlim_cur != .max else { return nil }
        return Int(clamping: limit.rlim_cur)
    }

    /// Of every group that the process is in, as the kernel counts for all of them; most have none.
    private static func limitsOfGroups() -> [Int] {
        let groups = Files.read("/proc/self/cgroup", limit: 64 << 10)?.text ?? ""
        return files(ofGroups: groups).compactMap { path in
            Files.read(path, limit: 4096).flatMap { Int($0.text.trimmingSpaces) }
        }
    }

    /// The files that may hold a limit. In a container the path is often that of the host, of which there is only the end.
    /// - Parameter groups: what /proc/self/cgroup says: `0::/path` for version 2, `7:memory:/path` for version 1.
    static func files(ofGroups groups: String) -> [String] {
        var files: [String] = []
        for line in groups.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let isSecond = fields[0] == "0" && fields[1].isEmpty
            guard isSecond || fields[1].split(separator: ",").contains("memory") else { continue }
            let root = isSecond ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory"
            let names = isSecond ? ["memory.max", "memory.high"] : ["memory.limit_in_bytes"]
            var path = fields[2].split(separator: "/")
            while true {
                let folder = ([root[...]] + path).joined(separator: "/")
                files += names.map { "\(folder)/\($0)" }
                if path.popLast() == nil { break }
            }
        }
        return files
    }
}
