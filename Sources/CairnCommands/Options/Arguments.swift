internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident

/// Reads the values of options, with errors that say what was expected.
enum Arguments {
    static func time(_ text: String) throws(ValidationError) -> Timestamp {
        do throws(Timestamp.FormatError) {
            return try Timestamp(rfc3339: text)
        } catch {
            switch error {
            case .notRFC3339:
                throw ValidationError("it is not a time such as 2025-12-25T10:00:00Z")
            case .missingZone:
                throw ValidationError("it has no zone; add Z or an offset such as +01:00")
            case .outOfRange:
                throw ValidationError("there is no such time between 1677 and 2262")
            }
        }
    }

    static func span(_ text: String) throws(ValidationError) -> TimeSpan {
        let span: TimeSpan
        do throws(TimeSpan.FormatError) {
            span = try TimeSpan(text: text)
        } catch {
            throw ValidationError(error.description)
        }
        guard span >= .zero else { throw ValidationError("it must not be negative") }
        return span
    }

    static func limit(_ text: String) throws(ValidationError) -> Int {
        guard let limit = Int(text), limit > 0 else {
            throw ValidationError("it must be a whole number from 1 on")
        }
        return limit
    }

    /// Reads a status of seed 001, in any case.
    static func interactionStatus(_ text: String) throws(ValidationError) -> InteractionStatus {
        guard let status = InteractionStatus(word: text) else {
            let words = InteractionStatus.allCases.map(\.word).joined(separator: ", ")
            throw ValidationError("it must be one of \(words)")
        }
        return status
    }

    /// Reads a level of seed 003, in any case.
    static func systemEventLevel(_ text: String) throws(ValidationError) -> SystemEventLevel {
        guard let level = SystemEventLevel(word: text) else {
            let words = SystemEventLevel.allCases.map(\.word).joined(separator: ", ")
            throw ValidationError("it must be one of \(words)")
        }
        return level
    }

    static func position(_ text: String) throws(ValidationError) -> Position {
        guard let number = UInt64(text), number > 0 else {
            throw ValidationError("it must be a position, a whole number from 1 on")
        }
        return Position(rawValue: number)
    }

    /// The words of the verdicts that an item can have.
    ///
    /// Nothing is fresh that was ever begun, and a conflict is with what somebody else asks for.
    static let verdicts = KeyVerdict.words.filter { !["fresh", "conflict"].contains($0) }

    /// Reads the word of a verdict that an item can have.
    static func verdict(_ text: String) throws(ValidationError) -> String {
        guard verdicts.contains(where: { $0.utf8.elementsEqual(text.utf8) }) else {
            throw ValidationError("it must be one of \(verdicts.joined(separator: ", "))")
        }
        return text
    }

    /// The words of what a resume may do about an item; the tool does not know what would conflict.
    static let resumeKinds = ResumeKind.allCases.filter { $0 != .conflict }.map(\.rawValue)

    /// Reads what a resume may do about an item.
    static func resumeKind(_ text: String) throws(ValidationError) -> ResumeKind {
        guard let kind = ResumeKind(rawValue: text), kind != .conflict else {
            throw ValidationError("it must be one of \(resumeKinds.joined(separator: ", "))")
        }
        return kind
    }

    /// Reads a name of which there must be something.
    static func name(_ text: String) throws(ValidationError) -> String {
        guard !text.isEmpty else { throw ValidationError("it is empty") }
        return text
    }

    /// Reads one of the words that a library's type knows.
    static func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ text: String
    ) throws(ValidationError) -> Choice {
        guard let choice = Choice(rawValue: text) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("it must be one of \(words)")
        }
        return choice
    }
}
