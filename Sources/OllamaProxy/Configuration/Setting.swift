/// One setting: the environment variable that holds it, what it means, and where its value is stored. The reader,
/// `--help` and the documentation all go by it.
package struct Setting: Sendable {
    package let name: String
    /// What holds when it is not set, in words.
    package let standard: String
    package let meaning: String
    /// Reads the variable into the configuration, or notes why it cannot be used.
    let read: @Sendable (inout ConfigurationReader) -> Void

    /// Where a value is stored. What is there at first is the default.
    typealias Place<Value> = WritableKeyPath<Configuration, Value> & Sendable

    /// Makes a value of the variable's text.
    typealias Parse<Value> = @Sendable (ConfigurationReader) -> (String) throws(Refusal) -> Value

    /// Why a text is no value of a setting.
    enum Refusal: Error {
        /// The message shows the text, unless another is given to show, and says what is allowed.
        case mustBe(String, instead: String? = nil)
        case because(String)
    }

    /// A setting that does not go by itself: one entry reads it together with others.
    init(
        _ name: String, read: @escaping @Sendable (inout ConfigurationReader) -> Void = { _ in },
        standard: String = "none", _ meaning: String
    ) {
        (self.name, self.standard, self.meaning, self.read) = (name, standard, meaning, read)
    }

    init<Value>(
        _ name: String, _ place: Place<Value>,
        as parse: @escaping Parse<Value>, standard: String = "none", _ meaning: String
    ) {
        let read: @Sendable (inout ConfigurationReader) -> Void = { reader in
            guard let text = reader.environment[name] else { return }
            do throws(Refusal) {
                reader.configuration[keyPath: place] = try parse(reader)(text)
            } catch {
                reader.errors.append(ConfigurationError(name, text, error))
            }
        }
        self.init(name, read: read, standard: standard, meaning)
    }
}

// MARK: Kinds of values

extension Setting {
    static func flag(_ name: String, _ place: Place<Bool>, _ meaning: String) -> Setting {
        let standard = "\(Configuration()[keyPath: place])"
        return Setting(name, place, as: ConfigurationReader.flag, standard: standard, meaning)
    }

    /// - Parameters:
    ///   - unit: what one is stored as.
    ///   - meaning: with `{range}` where it names the range.
    static func number<Number: FixedWidthInteger & Sendable>(
        _ name: String, _ range: ClosedRange<Int>, unit: Number = 1, _ place: Place<Number>, _ meaning: String
    ) -> Setting {
        let parse: Parse<Number> = { _ in { text throws(Refusal) in Number(try range.number(text)) * unit } }
        let standard = "\(Configuration()[keyPath: place] / unit)"
        return Setting(name, place, as: parse, standard: standard, range.named(in: meaning))
    }

    /// A number that has no default.
    static func number(
        _ name: String, _ range: ClosedRange<Int>, _ place: Place<Int?>, standard: String, _ meaning: String
    ) -> Setting {
        let parse: Parse<Int?> = { _ in { text throws(Refusal) in try range.number(text) } }
        return Setting(name, place, as: parse, standard: standard, range.named(in: meaning))
    }

    static func time(
        _ name: String, _ range: ClosedRange<Int>, in unit: Span = .seconds(1), _ place: Place<Span>, _ meaning: String
    ) -> Setting {
        let parse: Parse<Span> = { _ in { text throws(Refusal) in unit * (try range.number(text)) } }
        let standard = "\(Configuration()[keyPath: place] / unit as Int)"
        return Setting(name, place, as: parse, standard: standard, range.named(in: meaning))
    }

    static func choice<Choice: CaseIterable & Sendable>(
        _ name: String, _ place: Place<Choice>, _ word: KeyPath<Choice, String>, standard: String? = nil,
        _ meaning: String
    ) -> Setting {
        let choices = Choice.allCases.map { (word: $0[keyPath: word], choice: $0) }
        let parse: Parse<Choice> = { _ in
            { text throws(Refusal) in
                let chosen = choices.first { $0.word.lowercased() == text.lowercased() }
                guard let chosen else { throw .mustBe("one of " + choices.map(\.word).joined(separator: ", ")) }
                return chosen.choice
            }
        }
        let standard = standard ?? Configuration()[keyPath: place][keyPath: word]
        return Setting(name, place, as: parse, standard: standard, meaning)
    }
}

extension ClosedRange<Int> {
    fileprivate func number(_ text: String) throws(Setting.Refusal) -> Int {
        guard let number = Int(text), contains(number) else {
            throw .mustBe("a whole number from \(lowerBound) to \(upperBound)")
        }
        return number
    }

    fileprivate func named(in meaning: String) -> String {
        guard let (before, after) = meaning.cut(at: "{range}") else { return meaning }
        return "\(before)\(lowerBound) to \(upperBound)\(after)"
    }
}
