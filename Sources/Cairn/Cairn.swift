// All that an embedder needs, behind one import.
@_exported public import CairnCore
@_exported public import CairnDomains
@_exported public import CairnEngine
@_exported public import CairnIncident
@_exported public import CairnJournal
@_exported public import CairnLMDB
@_exported public import CairnServices
