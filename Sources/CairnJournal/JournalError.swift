public import CairnCore

/// Everything a journal can answer instead of a result.
///
/// Three kinds never mix: *refused* (the caller can mend it, the journal is as it was), *failed*
/// (the world: a full disk, a missing folder), and *broken* (the stored bytes, or this program).
public enum JournalError: Error, Hashable, Sendable {
    // Refused: nothing was written, other turns of the same batch are not affected.

    /// The stream has not reached what the append expects.
    case sequenceConflict(stream: StreamID, expected: ExpectedSequence, actual: SequenceNumber)
    /// The id is known, with other content.
    case eventIDConflict(
        id: EventID,
        position: Position,
        stored: ContentDigest,
        given: ContentDigest
    )
    /// The id is known, in another stream.
    case eventIDInOtherStream(id: EventID, position: Position, stream: StreamID)
    /// A value is beyond what a journal takes.
    case limit(LimitError)
    /// Someone who is alive holds the lock of that number.
    case lockHeld(number: UInt64)

    // Failed: what was being written is not in the journal, unless the case says otherwise.

    /// No stream begins at the position that the number names.
    case unknownStream(number: UInt64)
    /// There is no journal at the path.
    case notFound(path: String)
    /// The path holds something that is not a journal.
    case notAJournal(path: String, reason: String)
    /// The operating system refused access.
    case noPermission(path: String, action: String)
    /// LMDB does not work safely on this kind of file system.
    case unsupportedFileSystem(path: String, name: String)
    /// The disk is full or a size limit of the process was reached. Nothing was committed.
    case outOfSpace(path: String)
    /// The address space reserved for the journal is used up and cannot grow.
    case mapFull(byteCount: Int)
    /// All places for readers are taken by other processes.
    case readersFull(countMax: Int)
    /// Others changed the journal faster than it could be looked at; try again.
    case busy(path: String)
    /// An input or output error, and nothing was committed; the journal is poisoned until all its
    /// handles in this process are closed and it is opened again.
    case inputOutput(path: String, code: Int32)
    /// The commit failed and may or may not be on disk: look the event ids up after reopening.
    case outcomeUnknown
    /// An earlier failure left the journal unusable in this process: close all its handles, open
    /// it again and verify it.
    case poisoned
    /// The journal was closed.
    case closed
    /// The handle belongs to another process (it was inherited through a fork).
    case otherProcess
    /// The journal was opened for reading only.
    case readOnly

    // Broken.

    /// Stored bytes are damaged at or after a position.
    case corrupt(position: Position, reason: String)
    /// Stored bytes outside any event are damaged.
    case damaged(path: String, reason: String)
    /// The machine stopped in the middle of a commit that nobody was told of: whoever opens the
    /// journal for writing takes it back, and until then nobody reads.
    case interrupted(path: String)
    /// The journal was written by a newer program.
    case newerFormat(found: Int, supported: Int)
    /// A code of LMDB that has no case of its own.
    case lmdb(code: Int32, message: String)
}

extension JournalError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .sequenceConflict(let stream, let expected, let actual):
            "stream \(stream) has reached sequence \(actual), not \(Self.words(expected))"
        case .eventIDConflict(let id, let position, let stored, let given):
            "event id \(id) is known with other content at position \(position): stored digest "
                + "\(stored), given \(given)"
        case .eventIDInOtherStream(let id, let position, let stream):
            "event id \(id) is known at position \(position) in stream \(stream)"
        case .limit(let error): error.description
        case .lockHeld(let number): "someone who is alive holds lock \(number)"
        case .unknownStream(let number): "no stream begins at position \(number)"
        case .notFound(let path): "no journal at \(path)"
        case .notAJournal(let path, let reason): "\(path) is not a journal: \(reason)"
        case .noPermission(let path, let action): "no permission to \(action) \(path)"
        case .unsupportedFileSystem(let path, let name):
            "\(path) is on a \(name) file system, where LMDB is not safe; use a local disk"
        case .outOfSpace(let path): "no space left for \(path), so the append was not committed"
        case .mapFull(let count): "the journal fills its \(count) reserved bytes and cannot grow"
        case .readersFull(let max): "all \(max) places for reading processes are taken"
        case .busy(let path):
            "others change \(path) faster than it can be looked at; try again"
        case .inputOutput(let path, let code):
            "input/output error \(code) on \(path); reopen the journal and verify it"
        case .outcomeUnknown: "the commit failed midway; reopen the journal and look the ids up"
        case .poisoned:
            "an earlier failure ended this journal; close all its handles, reopen and verify it"
        case .closed: "the journal is closed"
        case .otherProcess: "the journal was opened before a fork; open it again in this process"
        case .readOnly: "the journal is open for reading only"
        case .corrupt(let position, let reason): "damage at position \(position): \(reason)"
        case .damaged(let path, let reason): "damage in \(path): \(reason)"
        case .interrupted(let path):
            "the machine stopped in the middle of a commit to \(path), of which nobody was told; "
                + "opening the journal for writing takes it back"
        case .newerFormat(let found, let supported):
            "the journal has format \(found); this program reads up to \(supported)"
        case .lmdb(let code, let message): "LMDB error \(code): \(message)"
        }
    }

    private static func words(_ expected: ExpectedSequence) -> String {
        switch expected {
        case .any: "any"
        case .noneYet: "none"
        case .exactly(let sequence): sequence.description
        }
    }
}
