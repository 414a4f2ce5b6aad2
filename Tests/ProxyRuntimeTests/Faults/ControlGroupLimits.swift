import Testing

@testable import ProxyRuntime

/// Where the kernel says how much memory a process may take depends on the version of control groups, and on containers.
struct ControlGroupLimits {
    @Test(arguments: [
        (
            "0::/system.slice/proxy.service\n",
            [
                "/sys/fs/cgroup/system.slice/proxy.service/memory.max",
                "/sys/fs/cgroup/system.slice/proxy.service/memory.high",
                "/sys/fs/cgroup/system.slice/memory.max", "/sys/fs/cgroup/system.slice/memory.high",
                "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.high",
            ]
        ),
        ("0::/\n", ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.high"]),
        (
            "8:cpu,cpuacct:/a\n7:memory:/docker/1f\n",
            [
                "/sys/fs/cgroup/memory/docker/1f/memory.limit_in_bytes",
                "/sys/fs/cgroup/memory/docker/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.limit_in_bytes",
            ]
        ),
        ("", []), ("nonsense\n", []),
    ])
    func files(groups: String, expected: [String]) {
        #expect(ProcessMemory.files(ofGroups: groups) == expected)
    }
}
