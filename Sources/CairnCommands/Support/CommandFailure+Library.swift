internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnServices
internal import Glibc

// What each library error means to the person at the terminal: the exit code and what to do.

extension CommandFailure {
    /// Explains what a journal answered.
    ///
    /// - Parameters:
    ///   - error: The journal's error.
    ///   - path: The journal's folder.
    ///   - isWriting: Whether the verb adds to the journal.
    ///   - isCreating: Whether the verb makes the journal where there is none.
    init(
        _ error: JournalError,
        path: String,
        isWriting: Bool = false,
        isCreating: Bool = false
    ) {
        if isCreating, case .notFound(let folder) = error {
            self.init(.notFound, "the folder \(folder) does not exist; make it first")
            return
        }
        let advice = Self.advice(on: error, path: path, isWriting: isWriting)
        self.init(
            Self.status(of: error),
            advice.isEmpty ? error.description : "\(error.description); \(advice)"
        )
    }

    static func status(of error: JournalError) -> ExitStatus {
        switch error {
        case .notFound, .notAJournal, .unknownStream: .notFound
        case .sequenceConflict, .eventIDConflict, .eventIDInOtherStream, .limit, .newerFormat:
            .badInput
        case .noPermission, .unsupportedFileSystem, .outOfSpace, .mapFull, .readersFull,
            .busy, .lockHeld, .inputOutput, .outcomeUnknown, .poisoned, .closed, .otherProcess,
            .readOnly, .corrupt, .damaged, .interrupted, .lmdb:
            .inputOutput
        }
    }

    private static func advice(
        on error: JournalError,
        path: String,
        isWriting: Bool
    ) -> String {
        switch error {
        case .notFound where isWriting: "check the path that --journal names"
        case .notFound: "'cairn import' or 'cairn demo' makes one"
        case .notAJournal(let place, _) where place.hasPrefix("\(path)/projections"):
            "move \(path)/projections away: the tables belong there, and are made anew"
        case .notAJournal:
            "give --journal the folder of a journal; if it was one, 'cairn salvage DEST' may rescue it"
        case .noPermission where isWriting: "run it as a user who may write there"
        case .noPermission(_, "read"), .noPermission(_, "look at"):
            "run it as a user who may read it"
        case .noPermission:
            "reading writes to the lock file beside it: read a private copy with --private-copy, "
                + "or have its owner make a copy with 'cairn backup'"
        case .outOfSpace: "what came before it stays; make room and run the same command again"
        case .outcomeUnknown:
            "the disk may be full: make room and run the same command again; nothing is added twice"
        case .newerFormat: "use a newer cairn"
        case .interrupted:
            "'cairn index --journal \(path)' does that, and '--private-copy' reads without it"
        case .lmdb(ENOMEM, _): memoryAdvice
        case .corrupt, .damaged, .lmdb, .inputOutput, .poisoned:
            "'cairn verify --journal \(path)' says what is wrong and 'cairn salvage' rescues the rest"
        case .readersFull: "end one of the processes that 'cairn info' lists"
        case .sequenceConflict, .eventIDConflict, .eventIDInOtherStream, .limit, .unknownStream,
            .unsupportedFileSystem, .mapFull, .busy, .lockHeld, .closed, .otherProcess, .readOnly:
            ""
        }
    }

    init(_ error: IncidentError, path: String) {
        switch error {
        case .journal(let error): self.init(error, path: path)
        case .unknownRequest(let id):
            self.init(
                .notFound,
                "no event of request \(id) is in \(path) at that moment; 'cairn requests' lists all"
            )
        case .unknownStream(let stream) where stream.kind == PipelineEvent.streamKind:
            self.init(.unknownRequest(stream.key), path: path)
        case .unknownStream(let stream):
            self.init(.notFound, "no event of \(stream) is in \(path) at that moment")
        case .removedRequest: self.init(.notFound, error.description)
        case .event(_, let reason): self.init(reason, "\(error)")
        case .unreadable(_, let reason): self.init(reason, "\(error)")
        case .limit: self.init(.badInput, error.description)
        case .tooManyEvents:
            self.init(
                .badInput,
                "\(error); name fewer, a shorter --incident or a narrower choice such as --where"
            )
        }
    }

    init(_ error: ImportError, path: String) {
        switch error.reason.kind {
        case .badInput: self.init(.badInput, error.description)
        case .noInput: self.init(.notFound, "\(error); check the path")
        case .inputOutput: self.init(.inputOutput, error.description)
        case .journal(let error): self.init(error, path: path, isWriting: true)
        }
    }

    init(_ error: ExportError, path: String) {
        switch error {
        case .closedPipe: self = .closedPipe
        case .journal(let error): self.init(error, path: path)
        case .inputOutput(let path, let code): self.init(writing: path, code: code)
        case .limit: self.init(.badInput, error.description)
        case .codec(_, let reason): self.init(reason, "\(error)")
        case .unreadable(_, let reason): self.init(reason, "\(error)")
        }
    }

    /// Explains a stored event that is none this program can read.
    private init(_ reason: PipelineCodecError, _ description: String) {
        switch reason {
        case .truncated, .malformed:
            self.init(.inputOutput, "\(description); check it with 'cairn verify'")
        case .newerVersion, .unknownType:
            self.init(.badInput, "\(description); use a newer cairn")
        }
    }

    /// Explains a stored event of an item or a job that is none this program can read.
    init(_ reason: EventCodecError, _ description: String) {
        switch reason {
        case .malformed: self.init(.inputOutput, "\(description); check it with 'cairn verify'")
        case .newerVersion, .unknownType:
            self.init(.badInput, "\(description); use a newer cairn")
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
    isWriting: Bool = false,
    _ body: () async throws(JournalError) -> Value
) async throws(CommandFailure) -> Value {
    do {
        return try await body()
    } catch {
        throw CommandFailure(error, path: path, isWriting: isWriting)
    }
}
