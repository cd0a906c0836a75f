public import CairnCore

/// Why a stored event of a request is not one that this program can read.
public enum PipelineCodecError: Error, Hashable, Sendable {
    /// The payload ends before the event does.
    case truncated(offset: Int)
    /// A byte of the payload holds what no program wrote.
    case malformed(offset: Int)
    /// The payload has a version that this program does not know.
    case newerVersion(UInt8)
    /// The request's stream holds an event of a type that only a newer program knows.
    case unknownType(String)
}

extension PipelineCodecError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated(let offset): "the pipeline event ends early, at byte \(offset)"
        case .malformed(let offset): "the pipeline event is malformed at byte \(offset)"
        case .newerVersion(let version):
            "the pipeline event has version \(version); this program reads up to "
                + "\(PipelineStep.version)"
        case .unknownType(let type):
            "an event of type '\(type)' stands in the request's stream; this program does not "
                + "know it and may not pass over it"
        }
    }
}

/// Why a row cannot become an event; nothing was written.
///
/// Both are the caller's to mend.
public enum PipelineEventError: Error, Hashable, Sendable {
    /// The metadata is not JSON.
    case metadata(JSONError)
    /// A part is beyond what a journal takes.
    case limit(LimitError)
}

extension PipelineEventError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .metadata(let error): "metadata is not JSON: \(error)"
        case .limit(let error): error.description
        }
    }
}
