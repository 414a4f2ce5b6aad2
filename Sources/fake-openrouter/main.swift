import Foundation
import Glibc

private func fail(_ message: String, status: Int32) -> Never {
    StandardStream.error.write("fake-openrouter: \(message)\n")
    exit(status)
}

private func contents(of path: String) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else { fail("cannot read \(path)", status: 2) }
    return Array(data)
}

private func run() {
    let options: CommandLineOptions
    do throws(CommandLineOptions.Problem) {
        options = try CommandLineOptions(arguments: Array(CommandLine.arguments.dropFirst()))
    } catch {
        fail(error.message + "; try --help", status: 2)
    }
    if options.wantsHelp {
        StandardStream.output.write(CommandLineOptions.help)
        return
    }

    let upstream = Upstream(demo: DemoAnswer(tokens: options.tokens, delay: options.delay))
    if let path = options.modelsPath { upstream.models = ModelCatalogue(body: contents(of: path)) }
    if let path = options.scriptPath {
        do {
            upstream.script = try Script(parsing: contents(of: path))
        } catch {
            fail("\(path): \(error)", status: 2)
        }
    }

    Socket.raiseDescriptorLimit()
    do {
        let server = try Server(
            address: options.address, port: options.port, upstream: upstream, isQuiet: options.isQuiet)
        StandardStream.output.write("listening on http://\(options.address):\(server.port)/api/v1\n")
        server.run()
    } catch {
        fail("\(error)", status: 1)
    }
}

run()
