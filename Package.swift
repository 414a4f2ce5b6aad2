// swift-tools-version: 6.2
import PackageDescription

// Debian's libraries are found through pkg-config, so the same manifest serves a static build that puts its own
// .pc files first on PKG_CONFIG_PATH.

// Neither the regular expression engine nor the concurrency runtime is used in what is shipped, and each would cost
// as much as the whole domain: without the implicit imports, using one by accident does not compile.
//
// What is released does not check at run time that no two parts of it change a value at once: the debug build does, which
// all tests run in. Array bounds and arithmetic are checked in both. Nor does it count references atomically: all Swift
// code runs on one thread, the other being the resolver's, which is libcurl's alone.
let shipped: [SwiftSetting] = [
    .unsafeFlags(
        ["-enforce-exclusivity=unchecked", "-Xfrontend", "-assume-single-threaded"], .when(configuration: .release)),
    .unsafeFlags([
        "-Xfrontend", "-disable-implicit-string-processing-module-import",
        "-Xfrontend", "-disable-implicit-concurrency-module-import",
    ]),
]

let package = Package(
    name: "ollama-proxy",
    products: [
        .executable(name: "ollama-proxy", targets: ["ollama-proxy"]),
        .executable(name: "fake-openrouter", targets: ["fake-openrouter"]),
    ],
    targets: [
        // The C world, made callable.
        .systemLibrary(name: "CMicroHTTPD", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
        .systemLibrary(name: "CCurlShim", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CLinux"),

        // The status page's files, made part of the executable.
        .target(
            name: "StatusPage",
            exclude: ["page.html", "style.css", "basics.js", "state.js", "history.js", "trial.js", "updates.js"],
            cSettings: [.unsafeFlags(["-std=c23"])]),

        // The domain decides, the runtime performs.
        .target(name: "OllamaProxy", swiftSettings: shipped),
        .target(
            name: "ProxyRuntime",
            dependencies: ["OllamaProxy", "StatusPage", "CMicroHTTPD", "CCurlShim", "CSQLite", "CLinux"],
            swiftSettings: shipped),
        .executableTarget(
            name: "ollama-proxy", dependencies: ["ProxyRuntime", "OllamaProxy", "CLinux"], swiftSettings: shipped),

        // Never shipped: a scriptable upstream for tests, benchmarks and the demo.
        .executableTarget(name: "fake-openrouter", dependencies: ["CLinux"]),

        // Never shipped: a day of traffic on a clock that does not wait, to compare ways of choosing a model.
        .target(name: "Simulation", dependencies: ["OllamaProxy"]),
        .executableTarget(name: "simulate", dependencies: ["Simulation"]),

        .target(name: "TestSupport", path: "Tests/TestSupport"),
        .testTarget(name: "OllamaProxyTests", dependencies: ["OllamaProxy", "TestSupport"]),
        .testTarget(name: "SimulationTests", dependencies: ["Simulation", "OllamaProxy"]),
        .testTarget(
            name: "ProxyRuntimeTests",
            dependencies: [
                "ProxyRuntime", "OllamaProxy", "CMicroHTTPD", "CSQLite", "TestSupport", "ollama-proxy",
                "fake-openrouter",
            ]),
        .testTarget(
            name: "LibraryContractTests",
            dependencies: ["CMicroHTTPD", "CCurlShim", "CSQLite", "CLinux", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)

// Built by scripts/fuzz only: libFuzzer's targets need its runtime at the link, and `package` access needs them here.
if Context.environment["FUZZ"] == "1" {
    package.targets += [
        .executableTarget(
            name: "fuzz", dependencies: ["OllamaProxy", "ProxyRuntime"], path: "Fuzz/Targets")
    ]
}
