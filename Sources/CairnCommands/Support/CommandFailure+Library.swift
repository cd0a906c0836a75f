internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnServices

// What each library error means to the person at the terminal: the exit code and what to do.

extension CommandFailure {
    init(_ error: JournalError, path: String) {
        let advice = Self.advice(on: error, path: path)
        self.init(
            Self.status(of: error),
            advice.isEmpty ? error.description : "\(error.description); \(advice)"
        )
    }

    static func status(of error: JournalError) -> ExitStatus {
        switch error {
        case .notFound, .notAJournal: .notFound
        case .sequenceConflict, .eventIDConflict, .eventIDInOtherStream, .limit, .newerFormat:
            .badInput
        case .noPermission, .unsupportedFileSystem, .outOfSpace, .mapFull, .readersFull,
            .inputOutput, .outcomeUnknown, .poisoned, .closed, .otherProcess, .readOnly,
            .corrupt, .damaged, .lmdb:
            .inputOutput
        }
    }

    private static func advice(on error: JournalError, path: String) -> String {
        switch error {
        case .notFound: "'cairn import' or 'cairn demo' makes one"
        case .notAJournal: "give --journal the folder of a journal"
        case .noPermission:
            "readers write to its lock file too: run as its owner, read a private copy with "
                + "--private-copy, or have its owner make one with 'cairn backup'"
        case .outOfSpace: "make room and run the same command again"
        case .newerFormat: "use a newer cairn"
        case .corrupt, .damaged, .lmdb, .inputOutput, .poisoned:
            "see what is wrong with 'cairn verify --journal \(path)', rescue the rest with "
                + "'cairn salvage'"
        case .readersFull: "end one of the processes that 'cairn info' lists"
        case .sequenceConflict, .eventIDConflict, .eventIDInOtherStream, .limit,
            .unsupportedFileSystem, .mapFull, .outcomeUnknown, .closed, .otherProcess, .readOnly:
            ""
        }
    }

    init(_ error: IncidentError, path: String) {
        switch error {
        case .journal(let error): self.init(error, path: path)
        case .unknownRequest(let id):
            self.init(
                .notFound,
                "no event of request \(id) is in \(path) as asked; 'cairn requests' lists them"
            )
        case .event: self.init(.inputOutput, "\(error); check it with 'cairn verify'")
        }
    }

    init(_ error: ImportError, path: String) {
        switch error.reason.kind {
        case .badInput: self.init(.badInput, error.description)
        case .noInput: self.init(.notFound, "\(error); check the path")
        case .inputOutput: self.init(.inputOutput, error.description)
        case .journal(let error): self.init(error, path: path)
        }
    }

    init(_ error: ExportError, path: String) {
        switch error {
        case .closedPipe: self = .closedPipe
        case .journal(let error): self.init(error, path: path)
        case .inputOutput, .codec: self.init(.inputOutput, error.description)
        }
    }

    init(_ error: PredicateError, option: String) {
        self.init(.usage, "\(option): \(error)", pointer: error.rendering)
    }
}

/// Runs a library call with its errors in the tool's terms.
func reading<Value>(
    _ path: String,
    _ body: () async throws(IncidentError) -> Value
) async throws(CommandFailure) -> Value {
    do {
        return try await body()
    } catch {
        throw CommandFailure(error, path: path)
    }
}

/// Runs a journal's call with its errors in the tool's terms.
func journaling<Value>(
    _ path: String,
    _ body: () async throws(JournalError) -> Value
) async throws(CommandFailure) -> Value {
    do {
        return try await body()
    } catch {
        throw CommandFailure(error, path: path)
    }
}
