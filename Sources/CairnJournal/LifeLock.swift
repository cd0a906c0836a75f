/// A sign of life: held from when it is taken until it is let go of, or until its process ends,
/// however it ends.
///
/// A process that is stopped still holds its locks. Dropping the last reference lets go, too.
public protocol LifeLock: AnyObject, Sendable {
    /// The number that is locked.
    var number: UInt64 { get }

    /// Lets go; doing so again does nothing.
    func release()
}
