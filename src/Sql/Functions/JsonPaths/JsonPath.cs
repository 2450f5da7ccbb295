using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions.Patterns;

namespace Chitin.Sql.Functions.JsonPaths;

/// <summary>
/// Evaluates a jsonpath. In lax mode structural mismatches yield nothing and arrays are unwrapped where an item is expected; in strict mode they are errors, which silent
/// evaluation turns into no result.
/// </summary>
sealed class JsonPath
{
    static readonly PatternCache<Key, JsonPath> s_cache = new(static k => new JsonPath(k.Text), static k => k.Text.Length);

    readonly bool _strict;
    readonly PathNode _root;

    JsonPath(string text) => (_strict, _root) = JsonPathParser.Parse(text);

    internal static JsonPath Get(string text) => s_cache.Get(new Key(text));

    internal static SqlException ErrorOf(string state, string message, string? hint = null) => new(new SqlState(state), message) { Hint = hint };

    /// <summary>Whether the path is a predicate, whose value is true, false or null.</summary>
    bool IsPredicate => _root is ComparisonNode or AndNode or OrNode or NotNode or IsUnknownNode or ExistsNode or StartsWithNode or LikeRegexNode;

    /// <summary>All items; null when evaluation failed silently.</summary>
    internal List<JsonbValue>? Query(JsonbValue value, JsonbValue variables, bool silent, EvaluationContext context)
    {
        if (variables.Kind != JsonKind.Object)
            throw FunctionErrors.Invalid("\"vars\" argument is not an object");
        var run = new Run(value, variables, _strict, context);
        try
        {
            return IsPredicate ? [run.Test(_root, value) is { } answer ? JsonbValue.FromBoolean(answer) : JsonbValue.Null] : run.Items(_root, value);
        }
        catch (SqlException e) when (silent && IsPathError(e))
        {
            return null;
        }
    }

    /// <summary>Class 22 with SQL/JSON's own codes (2203x), and what arithmetic and conversions raise inside a path.</summary>
    internal static bool IsPathError(SqlException e) => e.State.Code.StartsWith("2203", StringComparison.Ordinal) || e.State.Code.StartsWith("2204", StringComparison.Ordinal)
        || e.State == SqlState.DivisionByZero || e.State == SqlState.NumericValueOutOfRange;

    readonly record struct Key(string Text) : IEquatable<Key>
    {
        public bool Equals(Key other) => ReferenceEquals(Text, other.Text) || Text == other.Text;

        public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
    }

    sealed class Run(JsonbValue root, JsonbValue variables, bool strict, EvaluationContext context)
    {
        readonly Stack<int> _lengths = new();

        internal List<JsonbValue> Items(PathNode node, JsonbValue current)
        {
            context.CheckInterrupts();
            switch (node)
            {
                case RootNode:
                    return [root];
                case CurrentNode:
                    return [current];
                case LiteralNode literal:
                    return [literal.Value];
                case VariableNode variable:
                    return [variables.Field(variable.Name) ?? throw new SqlException(SqlState.UndefinedObject, $"could not find jsonpath variable \"{variable.Name}\"")];
                case LastNode:
                    return [JsonbValue.FromNumber(SqlNumeric.FromInt64(_lengths.TryPeek(out var length) ? length - 1 : throw new SqlException(SqlState.SyntaxError, "LAST is allowed only in array subscripts")))];
                case SignNode sign:
                    return [.. Unwrapped(Items(sign.Operand, current)).Select(v => JsonbValue.FromNumber(sign.Negative ? SqlNumeric.Negate(Number(v, sign.Negative ? '-' : '+')) : Number(v, '+')))];
                case ArithmeticNode arithmetic:
                    return [Calculate(arithmetic, current)];
                case StepNode step:
                    return Steps(step, current);
                default:
                    return [Test(node, current) is { } answer ? JsonbValue.FromBoolean(answer) : JsonbValue.Null];
            }
        }

        List<JsonbValue> Steps(StepNode node, JsonbValue current)
        {
            var result = new List<JsonbValue>();
            foreach (var item in Items(node.Source, current))
            {
                context.CheckInterrupts();
                JsonPathSteps.Check(result.Count);
                switch (node.Step)
                {
                    case SubscriptStep subscript:
                        Subscript(subscript, item, current, result);
                        break;
                    case FilterStep filter:
                        foreach (var candidate in strict ? [item] : JsonPathSteps.Unwrap(item))
                            if (Test(filter.Condition, candidate) == true)
                                result.Add(candidate);
                        break;
                    default:
                        JsonPathSteps.Apply(node.Step, item, strict, result);
                        break;
                }
            }

            return result;
        }

        void Subscript(SubscriptStep step, JsonbValue item, JsonbValue current, List<JsonbValue> result)
        {
            if (item.Kind != JsonKind.Array && strict)
                throw ErrorOf("22039", "jsonpath array accessor can only be applied to an array");
            IReadOnlyList<JsonbValue> elements = item.Kind == JsonKind.Array ? item.Items : [item];
            foreach (var (fromNode, toNode) in step.Ranges)
            {
                _lengths.Push(elements.Count);
                var from = Index(fromNode, current);
                var to = toNode is null ? from : Index(toNode, current);
                _lengths.Pop();
                if (strict && (from < 0 || to < from || to >= elements.Count))
                    throw ErrorOf("22033", "jsonpath array subscript is out of bounds");
                for (var i = Math.Max(0, from); i <= to && i < elements.Count; i++)
                    result.Add(elements[i]);
            }
        }

        int Index(PathNode node, JsonbValue current)
        {
            if (Items(node, current) is not [{ Kind: JsonKind.Number } single])
                throw ErrorOf("22033", "jsonpath array subscript is not a single numeric value");
            return (int)single.Number!.Truncate(0).ToInt64("integer", int.MinValue, int.MaxValue);
        }

        List<JsonbValue> Unwrapped(List<JsonbValue> items) => strict ? items : [.. items.SelectMany(JsonPathSteps.Unwrap)];

        static SqlNumeric Number(JsonbValue value, char symbol) =>
            value.Kind == JsonKind.Number ? value.Number! : throw ErrorOf("2203B", $"operand of unary jsonpath operator {symbol} is not a numeric value");

        JsonbValue Calculate(ArithmeticNode node, JsonbValue current)
        {
            var left = Operand(node.Left, "left", node.Operator, current);
            var right = Operand(node.Right, "right", node.Operator, current);
            return JsonbValue.FromNumber(node.Operator switch
            {
                '+' => SqlNumeric.Add(left, right),
                '-' => SqlNumeric.Subtract(left, right),
                '*' => SqlNumeric.Multiply(left, right),
                '/' => SqlNumeric.Divide(left, right),
                _ => SqlNumeric.Modulo(left, right),
            });
        }

        SqlNumeric Operand(PathNode node, string side, char symbol, JsonbValue current) => Unwrapped(Items(node, current)) is [{ Kind: JsonKind.Number } single]
            ? single.Number!
            : throw ErrorOf("22038", $"{side} operand of jsonpath operator {symbol} is not a single numeric value");

        /// <summary>Null is unknown: also what an error inside a predicate becomes.</summary>
        internal bool? Test(PathNode node, JsonbValue current)
        {
            switch (node)
            {
                case AndNode and:
                    var left = Test(and.Left, current);
                    if (left == false)
                        return false;
                    var right = Test(and.Right, current);
                    return right == false ? false : left == true && right == true ? true : null;
                case OrNode or:
                    left = Test(or.Left, current);
                    if (left == true)
                        return true;
                    right = Test(or.Right, current);
                    return right == true ? true : left == false && right == false ? false : null;
                case NotNode not:
                    return !Test(not.Operand, current);
                case IsUnknownNode unknown:
                    return Test(unknown.Operand, current) is null;
                case ExistsNode exists:
                    return Guarded(() => Items(exists.Operand, current).Count > 0);
                case ComparisonNode comparison:
                    return Guarded(() => AnyPair(comparison.Left, comparison.Right, current, (l, r) => JsonPathSteps.Compare(comparison.Kind, l, r)));
                case StartsWithNode starts:
                    return Guarded(() => AnyPair(starts.Left, starts.Prefix, current, static (l, r) =>
                        l.Kind == JsonKind.String && r.Kind == JsonKind.String ? l.Text!.StartsWith(r.Text!, StringComparison.Ordinal) : null));
                case LikeRegexNode like:
                    return Guarded(() => AnyOf(Unwrapped(Items(like.Operand, current)).Select(v => v.Kind == JsonKind.String ? like.Pattern.IsMatch(v.Text!) : (bool?)null)));
                default:
                    return Guarded(() => Items(node, current) is [{ Kind: JsonKind.Boolean } single] ? single.Boolean : null);
            }
        }

        static bool? Guarded(Func<bool?> test)
        {
            try
            {
                return test();
            }
            catch (SqlException e) when (IsPathError(e))
            {
                return null;
            }
        }

        bool? AnyPair(PathNode leftNode, PathNode rightNode, JsonbValue current, Func<JsonbValue, JsonbValue, bool?> test)
        {
            var rights = Unwrapped(Items(rightNode, current));
            return AnyOf(Unwrapped(Items(leftNode, current)).SelectMany(l => rights.Select(r => test(l, r))));
        }

        /// <summary>True when one is; in strict mode an unknown one spoils the answer, in lax mode the first true one decides.</summary>
        bool? AnyOf(IEnumerable<bool?> answers)
        {
            var (found, unknown) = (false, false);
            foreach (var answer in answers)
            {
                if (answer == true && !strict)
                    return true;
                if (answer is null && strict)
                    return null;
                found |= answer == true;
                unknown |= answer is null;
            }

            return found ? true : unknown ? null : false;
        }
    }
}
