import CLinux
import Glibc

/// The command line, parsed by libc's getopt_long: options may come anywhere.
struct CommandLineOptions {
    /// The command's name and what follows it.
    var words: [String] = []
    var help = false
    var version = false
    var json = false
    var clear = false

    /// What is wrong with a command line.
    struct Mistake: Error {
        let description: String
    }

    init(_ arguments: [String]) throws(Mistake) {
        let names: [(name: StaticString, letter: Character)] = [
            ("help", "h"), ("version", "v"), ("json", "j"), ("clear", "c"),
        ]
        var table = names.map { name, letter in
            option(
                name: UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self), has_arg: 0, flag: nil,
                val: Int32(letter.asciiValue!))
        }
        table.append(option())
        var copies: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        copies.append(nil)
        defer { for copy in copies { free(copy) } }
        let count = Int32(arguments.count)
        clinux_begin_options()
        while true {
            let at = Int(clinux_option_index())
            let letter = getopt_long(count, &copies, "hv", table, nil)
            guard letter >= 0 else { break }
            switch Character(UnicodeScalar(UInt8(truncatingIfNeeded: letter))) {
            case "h": help = true
            case "v": version = true
            case "j": json = true
            case "c": clear = true
            default:
                // getopt moves what is no option to the end, so the one it has read is just before its index.
                let index = max(at, Int(clinux_option_index()) - 1)
                let text = copies.indices.contains(index) ? copies[index].map { String(cString: $0) } : nil
                throw Mistake(description: "unknown option: \(text ?? "")")
            }
        }
        words = copies[Int(clinux_option_index())..<Int(count)].compactMap { $0.map { String(cString: $0) } }
    }
}
