import Glibc
import OllamaProxy

/// What the kernel says of this process.
struct ProcessFigures {
    var residentBytes = 0
    var virtualBytes = 0
    var openDescriptors = 0
    var mostDescriptors = 0
    /// Of the processor, user and system.
    var cpuSeconds = 0.0

    /// Takes a few system calls, one of which lists every descriptor.
    init() {
        if let pages = Files.read("/proc/self/statm", limit: 4096)?.text.split(separator: " "), pages.count > 1 {
            let pageSize = sysconf(Int32(_SC_PAGESIZE))
            virtualBytes = (Int(pages[0]) ?? 0) * pageSize
            residentBytes = (Int(pages[1]) ?? 0) * pageSize
        }
        openDescriptors = Self.countDescriptors()
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            mostDescriptors = Int(clamping: limit.rlim_cur)
        }
        var usage = rusage()
        if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            cpuSeconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
        }
    }

    private static func countDescriptors() -> Int {
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Without `.`, `..` and the folder itself.
        return max(0, count - 3)
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000
    }
}
