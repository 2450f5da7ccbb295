using Chitin.Core.Types;
using Chitin.Sql.Functions.Patterns;

namespace Chitin.Sql.Functions.JsonPaths;

/// <summary>A parsed jsonpath (manual 9.16.2). Values and steps are nodes with a successor; predicates yield true, false or unknown.</summary>
abstract record PathNode;

/// <summary>$, @, literals and variables, then their accessors.</summary>
sealed record RootNode : PathNode;

sealed record CurrentNode : PathNode;

sealed record LiteralNode(JsonbValue Value) : PathNode;

sealed record VariableNode(string Name) : PathNode;

/// <summary>A source and one accessor applied to it.</summary>
sealed record StepNode(PathNode Source, PathStep Step) : PathNode;

sealed record ArithmeticNode(char Operator, PathNode Left, PathNode Right) : PathNode;

sealed record SignNode(bool Negative, PathNode Operand) : PathNode;

abstract record PathStep;

sealed record KeyStep(string Key) : PathStep;

sealed record AnyKeyStep : PathStep;

/// <summary>.** with the levels it reaches; -1 = the last.</summary>
sealed record RecursiveStep(int First, int Last) : PathStep;

sealed record AnyElementStep : PathStep;

/// <summary>[a, b to c]; an end is null for a single position.</summary>
sealed record SubscriptStep(ImmutableArray<(PathNode From, PathNode? To)> Ranges) : PathStep;

sealed record FilterStep(PathNode Condition) : PathStep;

sealed record MethodStep(string Name) : PathStep;

/// <summary>last, inside a subscript.</summary>
sealed record LastNode : PathNode;

enum PathComparison : byte { Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual }

sealed record ComparisonNode(PathComparison Kind, PathNode Left, PathNode Right) : PathNode;

sealed record AndNode(PathNode Left, PathNode Right) : PathNode;

sealed record OrNode(PathNode Left, PathNode Right) : PathNode;

sealed record NotNode(PathNode Operand) : PathNode;

sealed record IsUnknownNode(PathNode Operand) : PathNode;

sealed record ExistsNode(PathNode Operand) : PathNode;

sealed record StartsWithNode(PathNode Left, PathNode Prefix) : PathNode;

sealed record LikeRegexNode(PathNode Operand, PgRegex Pattern) : PathNode;
