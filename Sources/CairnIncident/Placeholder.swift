internal import CairnCore
