using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions.SystemInformation;

namespace Chitin.Sql.Functions.Library;

/// <summary>Enum functions (9.10), num_nulls (9.2), parse_ident.</summary>
static class MiscellaneousFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        b.Typed("num_nulls(variadic any) int4 called", static call => (a, _) => CountNulls(call, a, nulls: true));
        b.Typed("num_nonnulls(variadic any) int4 called", static call => (a, _) => CountNulls(call, a, nulls: false));
        b.Typed("enum_first(anyenum) anyenum stable called", static call => Constant(Labels(call)[0].Order));
        b.Typed("enum_last(anyenum) anyenum stable called", static call => Constant(Labels(call)[^1].Order));
        b.Typed("enum_range(anyenum) anyarray stable called", static call => (_, _) => Range(call, Datum.Null, Datum.Null));
        b.Typed("enum_range(anyenum, anyenum) anyarray stable called", static call => (a, _) => Range(call, a[0], a[1]));
        b.Binary("parse_ident(str text, strict bool = true) text[]", static (s, strict, _) => ArrayAccess.OfTexts(
            QualifiedName.TryParse(s.AsString(), strict.AsBool()) ?? throw new SqlException(SqlState.InvalidParameterValue, $"string is not a valid identifier: \"{s.AsString()}\"")));
    }

    static Datum CountNulls(ResolvedCall call, ReadOnlySpan<Datum> arguments, bool nulls)
    {
        if (call.VariadicArray)
        {
            if (arguments[0].IsNull)
                return Datum.Null;
            arguments = ArrayAccess.A(arguments[0]).Elements;
        }

        var count = 0;
        foreach (var argument in arguments)
            if (argument.IsNull == nulls)
                count++;
        return Datum.FromInt64(count);
    }

    static ImmutableArray<EnumLabel> Labels(ResolvedCall call) => ((EnumType)call.ArgumentTypes[0]).Labels is { Length: > 0 } labels
        ? labels
        : throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"enum {call.ArgumentTypes[0].DisplayName} contains no values");

    static ScalarBody Constant(long order)
    {
        var value = Datum.FromInt64(order);
        return (_, _) => value;
    }

    static Datum Range(ResolvedCall call, Datum low, Datum high) => ArrayAccess.Of(call.ArgumentTypes[0],
        [.. ((EnumType)call.ArgumentTypes[0]).Labels.Where(l => (low.IsNull || l.Order >= low.AsInt64()) && (high.IsNull || l.Order <= high.AsInt64())).Select(l => Datum.FromInt64(l.Order))]);
}
