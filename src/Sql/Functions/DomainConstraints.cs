using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions;

/// <summary>
/// A value of a domain (8.18): the first argument, when it keeps the domain's constraints. 23502 for a NULL that it does not allow, 23514 for a check that is false.
/// No name in SQL reaches it. Further arguments: what the checks of the call's type say, in order.
/// </summary>
internal static class DomainConstraints
{
    public static ScalarFunction Function { get; } = new()
    {
        Name = "domain_value", Oid = 0, ArgumentTypes = [], ReturnType = SqlTypes.Void, IsStrict = false,
        BodyFactory = static call =>
        {
            var domain = (DomainType)call.ReturnType;
            return (arguments, _) =>
            {
                if (domain.NotNull && arguments[0].IsNull)
                    throw new SqlException(SqlState.NotNullViolation, $"domain {domain.Name} does not allow null values") { DataTypeName = domain.Name };
                for (var i = 1; i < arguments.Length; i++)
                {
                    if (!arguments[i].IsNull && !arguments[i].AsBool())
                        throw new SqlException(SqlState.CheckViolation, $"value for domain {domain.Name} violates check constraint \"{domain.Checks[i - 1].Name}\"")
                        {
                            DataTypeName = domain.Name, ConstraintName = domain.Checks[i - 1].Name,
                        };
                }

                return arguments[0];
            };
        },
    };
}
