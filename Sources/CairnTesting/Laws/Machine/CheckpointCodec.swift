public import CairnEngine

/// How a program keeps the state of a stream, to go on from it later.
///
/// A checkpoint is a cache: reading one that is damaged, or that other rules wrote, has to give
/// nil or to throw, and the program then folds from the start.
public struct CheckpointCodec<State: Hashable & Sendable>: Sendable {
    let write: @Sendable (Folded<State>) throws -> [UInt8]
    let read: @Sendable ([UInt8]) throws -> Folded<State>?

    /// Describes the checkpoints under test.
    ///
    /// - Parameters:
    ///   - write: Writes a state down, with how far it is.
    ///   - read: Reads it back; nil, or an error, where the bytes are not to be believed.
    public init(
        write: @escaping @Sendable (Folded<State>) throws -> [UInt8],
        read: @escaping @Sendable ([UInt8]) throws -> Folded<State>?
    ) {
        self.write = write
        self.read = read
    }
}
