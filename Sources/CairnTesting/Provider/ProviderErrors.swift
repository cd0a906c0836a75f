/// Why a provider gave no answer.
public enum ProviderClientError: Error, Hashable, Sendable {
    /// The request went out and no answer came: nobody here knows whether it was accepted.
    ///
    /// Also thrown when the calling task is cancelled while it waits, and possibly by the first
    /// request after the provider's end, on a connection whose end was not yet noticed.
    case replyLost
    /// Nothing of the request went out.
    case unreachable(ProviderSocketError)
    /// The provider did not understand the request, or its answer cannot be understood.
    case malformed(String)
}

/// Why a provider's socket cannot be used.
public enum ProviderSocketError: Error, Hashable, Sendable {
    /// The path does not fit into a socket's address.
    case pathTooLong(byteCount: Int, byteCountMax: Int)
    /// A call of the system failed.
    case failed(call: String, code: Int32)
    /// The calling task was cancelled before anything was written.
    case cancelled
}

/// Why a provider's log cannot be used.
public enum ProviderLogError: Error, Hashable, Sendable {
    /// The file cannot be opened, read or written.
    case failed(call: String, code: Int32)
    /// Another provider is writing to it.
    case inUse
    /// A line that is not the last torn one says nothing that a provider writes.
    case malformed(lineNumber: Int)
}
