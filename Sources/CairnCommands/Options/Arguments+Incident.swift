internal import CairnIncident

extension Arguments {
    /// Reads the predicate of `--where`, or of another option; nil if there is none.
    ///
    /// Not at parsing, because its errors point at a character and need lines of their own.
    static func predicate<Record: FieldResolver>(
        _ text: String?,
        of option: String = "--where"
    ) throws(CommandFailure) -> Predicate<Record>? {
        guard let text else { return nil }
        do {
            return try Predicate(text)
        } catch {
            throw CommandFailure(error, option: option)
        }
    }

    /// Reads the names of `--columns`.
    static func columns(_ names: String) throws(CommandFailure) -> [EventColumn] {
        do {
            return try EventColumn.list(names)
        } catch {
            throw CommandFailure(error, option: "--columns")
        }
    }
}
